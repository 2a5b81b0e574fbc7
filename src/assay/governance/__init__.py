"""Systems, versions, approvals and stages; events and the fold that makes state of them."""
