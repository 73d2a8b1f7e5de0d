"""Makes of the published weights what the engine loads. Runs at the operator's or in CodeBuild, with Python's own
library alone: neither torch nor anything else has to be installed there."""
