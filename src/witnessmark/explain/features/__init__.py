"""The features that rules speak about: one file a family, found by their place in this folder."""

import importlib
import pkgutil

from witnessmark.explain.features.feature import Asked, Feature

__all__ = ["FEATURES", "Asked", "Feature"]


def _found() -> dict[str, Feature]:
    features: dict[str, Feature] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda each: each.name):
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for feature in getattr(loaded, "FEATURES", ()):
            features[feature.name] = feature
    return features


FEATURES = _found()
