"""The evidence pack: `store(seal(render(collect(request))))`, each step in a module of its name."""
