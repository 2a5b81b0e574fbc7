"""`assay demo`: the main job on German Credit, through the commands that a user has."""
