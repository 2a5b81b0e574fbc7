"""What people do with a system from intake to retirement."""
