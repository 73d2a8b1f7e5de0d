"""Frames against a camera that is known: round trip, handedness, letters that read right."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from plyfile import PlyData

from gen3d_engine.contract import CONTRACT
from gen3d_engine.sam3d.arrays import Mesh, Similarity, Splat, move_splat, quaternion_of, rotation_of
from gen3d_engine.sam3d.camera_fit import fit_camera
from gen3d_engine.sam3d.frames import Pose, column_major, place_in_manifest, to_camera
from gen3d_engine.sam3d.write_files import write_glb, write_ply, write_stl

WIDTH, HEIGHT = 400, 300
FX, FY, CX, CY = 420.0, 430.0, 190.0, 160.0
LETTER_F = ["#####", "#....", "#....", "####.", "#....", "#....", "#...."]


def letter_card() -> Mesh:
    """A card in SAM 3D's local frame (Z up), looking along -y, with a black F as seen from there."""
    rows, columns = len(LETTER_F), len(LETTER_F[0])
    vertices, faces, colours = [], [], []
    for row, line in enumerate(LETTER_F):
        for column, ink in enumerate(line):
            x, z = column / columns - 0.5, 0.5 - row / rows
            corners = [(x, z), (x + 1 / columns, z), (x + 1 / columns, z - 1 / rows), (x, z - 1 / rows)]
            base = len(vertices)
            vertices += [(a, 0.0, b) for a, b in corners]
            faces += [(base, base + 3, base + 1), (base + 1, base + 3, base + 2)]
            colours += [(0.0, 0, 0) if ink == "#" else (1.0, 1, 1)] * 4
    return Mesh(np.array(vertices), np.array(faces, dtype=np.uint32), np.array(colours))


def tilted_pose() -> Pose:
    """Upright but turned by 25 degrees, a little tilted, to the left and below the middle of the picture."""
    # Columns: where local x, y and z point in PyTorch3D's camera (x left, y up, z forward). The card's front (-y) looks
    # at the camera (-z), so y is forward, z is up and x is to the right, which is -x there.
    front = np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]])
    turn = rotation_of(np.array([np.cos(0.22), 0.03, np.sin(0.22), 0.02]))
    return Pose(quaternion_of((turn @ front).T), np.array([0.4, -0.3, 5.0]), 1.7)


def project_pytorch3d(pose: Pose, local: np.ndarray) -> np.ndarray:
    """PyTorch3D's own convention, written out: row vectors, x left, y up."""
    camera = (pose.scale * local) @ rotation_of(pose.rotation) + pose.translation
    return np.stack([CX - FX * camera[:, 0] / camera[:, 2], CY - FY * camera[:, 1] / camera[:, 2]], axis=1)


def project_contract(matrix: list[float], points: np.ndarray) -> np.ndarray:
    """As packages/shared/src/frames.ts says it."""
    m = np.array(matrix).reshape(4, 4).T
    x, y, z = (points @ m[:3, :3].T + m[:3, 3]).T
    return np.stack([CX + FX * x / -z, CY - FY * y / -z], axis=1)


def place(mesh: Mesh, pose: Pose) -> tuple[Mesh, list[float]]:
    [move], matrix = place_in_manifest([pose], [mesh.vertices])
    return Mesh(move.apply(mesh.vertices), mesh.faces, mesh.colours), column_major(matrix)


def test_each_vertex_of_the_glb_lies_on_its_pixel_of_the_photo() -> None:
    card, pose = letter_card(), tilted_pose()
    placed, matrix = place(card, pose)
    read = trimesh.load(io.BytesIO(write_glb([("card", placed)])), file_type="glb", process=False)
    [mesh] = read.geometry.values()
    there = project_contract(matrix, np.asarray(mesh.vertices, dtype=float))
    assert np.abs(there - project_pytorch3d(pose, card.vertices)).max() < 0.01


def test_the_letter_is_not_mirrored_and_stands_upright() -> None:
    card, pose = letter_card(), tilted_pose()
    placed, matrix = place(card, pose)
    pixels = project_contract(matrix, placed.vertices)
    ink = pixels[card.colours[:, 0] == 0]
    stem, top = ink[:, 0].min(), ink[:, 1].min()
    # An F hangs to the right of its stem, and most of it is in its upper half.
    assert ink[:, 0].mean() > stem
    assert (ink[:, 0].mean() - stem) < (ink[:, 0].max() - ink[:, 0].mean())
    assert (ink[:, 1].mean() - top) < (ink[:, 1].max() - ink[:, 1].mean())
    # Its front faces the camera: counter-clockwise there, y down in pixels.
    a, b, c = (pixels[card.faces[:, corner]] for corner in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (area < 0).all()


def test_objects_stand_on_the_ground_in_metres_and_the_camera_is_rigid_in_front_of_them() -> None:
    card, pose = letter_card(), tilted_pose()
    other = Pose(pose.rotation, pose.translation + np.array([1.5, 0.2, 1.0]), 0.8)
    moves, matrix = place_in_manifest([pose, other], [card.vertices, card.vertices])
    points = np.concatenate([move.apply(card.vertices) for move in moves])
    low, high = points.min(axis=0), points.max(axis=0)
    assert low[1] == pytest.approx(0, abs=1e-9)
    assert (low + high)[[0, 2]] == pytest.approx([0, 0], abs=1e-9)
    sizes = [np.ptp(move.apply(card.vertices), axis=0).max() for move in moves]
    assert max(sizes) == pytest.approx(1)
    assert matrix[:3, :3] @ matrix[:3, :3].T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(matrix[:3, :3]) == pytest.approx(1)
    assert np.linalg.inv(matrix)[2, 3] > high[2]
    # Their own up is up, but for the tilt that they do not share.
    assert moves[0].rotation[:, 2] @ [0, 1, 0] == pytest.approx(1, abs=1e-9)


def test_an_up_that_contradicts_the_camera_is_not_believed() -> None:
    card = letter_card()
    upside_down = Pose(quaternion_of(np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]).T), np.array([0, 0, 4.0]), 1.0)
    _, matrix = place_in_manifest([upside_down], [card.vertices])
    assert matrix[:3, :3] == pytest.approx(np.eye(3), abs=1e-9)


def test_the_ply_is_turned_as_the_contract_says_and_keeps_its_pixels() -> None:
    card, pose = letter_card(), tilted_pose()
    [move], matrix = place_in_manifest([pose], [card.vertices])
    count = len(card.vertices)
    # Long along local z: its axis must follow the object.
    splat = Splat(
        card.vertices,
        np.tile([0.01, 0.01, 0.2], (count, 1)),
        np.tile([1.0, 0, 0, 0], (count, 1)),
        np.linspace(0.1, 0.9, count),
        np.tile([1.5, 0, -1.5], (count, 1)),
    )
    vertex = PlyData.read(io.BytesIO(write_ply(move_splat(splat, move))))["vertex"]
    assert len(vertex.data.dtype.names) == 17
    back = np.array(CONTRACT["frames"]["y_down"]["toManifest"]).reshape(4, 4).T[:3, :3]
    centres = np.stack([vertex[name] for name in "xyz"], axis=1).astype(float) @ back.T
    assert np.abs(project_contract(column_major(matrix), centres) - project_pytorch3d(pose, card.vertices)).max() < 0.01
    turned = back @ rotation_of(np.array([vertex[f"rot_{i}"][0] for i in range(4)], dtype=float))
    assert turned[:, 2] == pytest.approx(move.rotation[:, 2], abs=1e-5)
    assert np.exp(vertex["scale_2"][0]) == pytest.approx(0.2 * move.scale, rel=1e-5)
    assert 1 / (1 + np.exp(-vertex["opacity"])) == pytest.approx(splat.opacities, abs=1e-5)
    assert vertex["f_dc_0"] == pytest.approx(1.5)


def test_the_stl_is_in_millimetres_with_z_up() -> None:
    placed, _ = place(letter_card(), tilted_pose())
    mesh = trimesh.load(io.BytesIO(write_stl([placed])), file_type="stl")
    assert mesh.bounds[0][2] == pytest.approx(0, abs=1e-3)
    assert np.ptp(mesh.bounds[:, 2]) == pytest.approx(1000 * np.ptp(placed.vertices[:, 1]), rel=1e-5)
    assert len(mesh.faces) == len(placed.faces)


def test_the_glb_holds_linear_colours_names_and_boxes(tmp_path: Path) -> None:
    placed, _ = place(letter_card(), tilted_pose())
    data = write_glb([("one", placed), ("two", placed)])
    length = int.from_bytes(data[12:16], "little")
    document = json.loads(data[20 : 20 + length])
    assert [node["name"] for node in document["nodes"]] == ["one", "two"]
    assert int.from_bytes(data[8:12], "little") == len(data)
    scene = trimesh.load(io.BytesIO(data), file_type="glb", process=False)
    assert len(scene.geometry) == 2
    grey = Mesh(placed.vertices, placed.faces, np.full_like(placed.colours, 0.5))
    first = trimesh.load(io.BytesIO(write_glb([("grey", grey)])), file_type="glb", process=False)
    [mesh] = first.geometry.values()
    colours = mesh.visual.vertex_attributes["color"]
    assert colours[0][:3] / 65535 == pytest.approx([0.2140411] * 3, abs=1e-4)


@pytest.mark.parametrize("seed", range(20))
def test_quaternions_similarities_and_poses_go_back_and_forth(seed: int) -> None:
    random = np.random.default_rng(seed)
    quaternion = random.normal(size=4)
    if seed == 0:
        quaternion = np.array([0.0, 1, 0, 0])
    rotation = rotation_of(quaternion)
    assert rotation_of(quaternion_of(rotation)) == pytest.approx(rotation, abs=1e-12)
    first = Similarity(rotation, 0.3, random.normal(size=3))
    second = Similarity(rotation_of(random.normal(size=4)), 2.5, random.normal(size=3))
    points = random.normal(size=(5, 3))
    assert second.after(first).apply(points) == pytest.approx(second.apply(first.apply(points)))
    assert first.inverse().apply(first.apply(points)) == pytest.approx(points)
    pose = Pose(quaternion, random.normal(size=3), 1.5)
    row_form = (pose.scale * points) @ rotation + pose.translation
    assert to_camera(pose).apply(points) == pytest.approx(row_form * [-1, 1, -1])


def test_a_mirror_is_refused() -> None:
    with pytest.raises(ValueError, match="mirror"):
        Similarity(np.diag([-1.0, 1, 1]), 1.0, np.zeros(3))


def point_map(noise: float = 0.0, holes: bool = False) -> np.ndarray:
    """Of the known camera, at half the photo's size, over a wavy ground."""
    random = np.random.default_rng(1)
    u, v = np.meshgrid(2 * (np.arange(WIDTH // 2) + 0.5), 2 * (np.arange(HEIGHT // 2) + 0.5))
    z = 4 + np.sin(u / 50) + v / HEIGHT
    points = np.dstack([-(u - CX) / FX * z, -(v - CY) / FY * z, z]) + noise * random.normal(size=(*u.shape, 3))
    if holes:
        points[:40] = np.nan
        # Depth that jumps at edges: a twentieth of the points is far off.
        wild = random.random(u.shape) < 0.05
        points[wild] += random.normal(size=(int(wild.sum()), 3)) * 2
    return points


def test_the_camera_is_found_from_its_point_map() -> None:
    camera = fit_camera(point_map(), WIDTH, HEIGHT)
    assert (camera.fx, camera.fy, camera.cx, camera.cy) == pytest.approx((FX, FY, CX, CY), rel=1e-6)
    assert camera.residual_pixels < 1e-6


def test_holes_and_jumps_of_depth_move_the_camera_little_and_stand_in_the_residual() -> None:
    camera = fit_camera(point_map(noise=0.002, holes=True), WIDTH, HEIGHT)
    assert (camera.fx, camera.fy) == pytest.approx((FX, FY), rel=0.005)
    assert (camera.cx, camera.cy) == pytest.approx((CX, CY), abs=1.0)
    assert camera.residual_pixels > 1


@pytest.mark.parametrize(
    "points",
    [np.full((8, 8, 3), np.nan), np.ones((8, 8, 3)), point_map() * [-1, 1, 1]],
    ids=["empty", "flat", "mirrored"],
)
def test_a_point_map_that_tells_no_camera_is_refused(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="point map"):
        fit_camera(points, WIDTH, HEIGHT)
