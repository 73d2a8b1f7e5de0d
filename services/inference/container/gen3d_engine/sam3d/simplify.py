"""Fewer triangles, the colours of those that went kept."""

import fast_simplification
import numpy as np

from gen3d_engine.sam3d.arrays import Mesh


def simplify(mesh: Mesh, triangles: int) -> Mesh:
    """At most about `triangles`, by quadric errors; vertices that fall together mix their colours."""
    if len(mesh.faces) <= triangles:
        return mesh
    vertices, faces, collapses = fast_simplification.simplify(
        mesh.vertices.astype(np.float32),
        mesh.faces.astype(np.int32),
        target_count=triangles,
        return_collapses=True,
    )
    vertices, faces, target = fast_simplification.replay_simplification(
        mesh.vertices.astype(np.float32), mesh.faces.astype(np.int32), collapses
    )
    sums = np.zeros((len(vertices), 3))
    counts = np.zeros(len(vertices))
    np.add.at(sums, target, mesh.colours)
    np.add.at(counts, target, 1)
    colours = sums / np.maximum(counts, 1)[:, None]
    return Mesh(vertices.astype(np.float64), faces.astype(np.uint32), colours)
