"""Signs that somebody's work deserves a look: spam, copying, straight-lining, haste, drift; each with its evidence."""
