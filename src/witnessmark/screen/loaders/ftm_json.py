"""FollowTheMoney JSON lines (`.ftm.json`), as OpenSanctions and Aleph write them."""

from witnessmark.screen.ftm import FtmLoader

LOADER = FtmLoader()
