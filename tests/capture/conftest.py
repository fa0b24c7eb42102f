from testsite.fixtures import browser, chains, make_site, policy_for

__all__ = ["browser", "chains", "make_site", "policy_for"]
