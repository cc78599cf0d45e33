"""What every test shares: one deterministic Hypothesis profile."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "paperboy",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("paperboy")
