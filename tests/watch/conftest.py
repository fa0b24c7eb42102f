from testsite.fixtures import chains, make_site, policy_for
from watchsite import clock, make_means, pages, store

__all__ = ["chains", "clock", "make_means", "make_site", "pages", "policy_for", "store"]
