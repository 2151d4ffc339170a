"""Other people's protocols on our services: a thin translation, never a second store."""
