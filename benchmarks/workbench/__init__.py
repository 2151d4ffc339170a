"""The workbench in a browser: frames a second, opening, switching, weight."""
