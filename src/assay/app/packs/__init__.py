"""What leaves a workspace and what comes in, verified and derived again."""
