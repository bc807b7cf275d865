#!/usr/bin/env python
"""Customer Focus on the command line: ``manage.py help`` lists the commands."""

import sys

try:
    from customerfocus.command_line import main
except ModuleNotFoundError as error:
    sys.exit(f"{error.name} is not installed for this Python: run `make setup`, then `.venv/bin/python manage.py …`.")

if __name__ == "__main__":
    sys.exit(main(sys.argv))
