"""Drawings as SVG, made here at build time: a title and a description each, nothing told by colour alone."""
