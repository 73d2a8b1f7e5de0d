"""The engine `sam3d`: server, supervisor and the workers of SAM 3 and SAM 3D Objects."""

ENGINE_NAME = "sam3d"
ENGINE_VERSION = "1.0.0"
