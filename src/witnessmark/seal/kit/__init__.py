"""What every bundle carries so that it can be checked without us: two scripts and a page for people."""
