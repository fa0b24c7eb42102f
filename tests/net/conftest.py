from testsite.fixtures import chains, make_site, policy_for

__all__ = ["chains", "make_site", "policy_for"]
