"""The evidence pack: `store(seal(render(collect(request))))`, a module for each step."""
