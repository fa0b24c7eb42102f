"""The report on a whole case: gathered once into a Dossier, then rendered in several forms."""
