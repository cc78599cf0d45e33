"""The core of Paperboy: papers in, deliveries out. No SDK, no platform word, no markup."""
