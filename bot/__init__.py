"""The core of Paperboy: papers in, deliveries out. No SDK, no platform word, no markup."""

__version__ = "0.1.0"
