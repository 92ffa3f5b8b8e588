"""Belgian map coordinates to longitude and latitude and back: Lambert 1972 and Lambert 2008.

Projection: Lambert Conic Conformal with two standard parallels (IOGP Geomatics Guidance Note 7-2, method
9802). Change of datum from Belge 1972 to WGS 84: seven parameters of the National Geographic Institute (EPSG
transformation 15929, here as position vector), exact to 0.2 m. Lambert 2008 stands on ETRS89, which at this
precision is WGS 84. Longitude and latitude are degrees, x and y meters.
"""

from dataclasses import dataclass
from math import atan, atan2, cos, degrees, hypot, log, pi, radians, sin, sqrt, tan

ROUNDS = 6  # of the iteration for latitude; the fourth no longer changes a tenth of a millimeter


@dataclass(frozen=True, slots=True)
class Ellipsoid:
    """An ellipsoid. axis: its half long axis in meters. flattening: 1/f."""

    axis: float
    flattening: float

    @property
    def square(self) -> float:
        """Give the square of its eccentricity."""
        f = 1 / self.flattening
        return 2 * f - f * f


INTERNATIONAL_1924 = Ellipsoid(6378388.0, 297.0)
GRS_80 = Ellipsoid(6378137.0, 298.257222101)
WGS_84 = Ellipsoid(6378137.0, 298.257223563)
_SECOND = pi / 180 / 3600
_SHIFT = (-106.8686, 52.2978, -103.7239)
_TURN = (0.3366 * _SECOND, -0.457 * _SECOND, 1.8422 * _SECOND)
_SCALE = -1.2747e-6


class Projection:
    """A conic projection by its parameters in degrees and meters (method 9802)."""

    __slots__ = ("_axis", "_e", "_f", "_n", "_r0", "_east", "_north", "_meridian")

    def __init__(
        self,
        ellipsoid: Ellipsoid,
        *,
        origin: float,
        meridian: float,
        south: float,
        north: float,
        false_east: float,
        false_north: float,
    ) -> None:
        self._axis, self._e = ellipsoid.axis, sqrt(ellipsoid.square)
        m1, m2 = self._m(radians(south)), self._m(radians(north))
        t1, t2 = self._t(radians(south)), self._t(radians(north))
        self._n = (log(m1) - log(m2)) / (log(t1) - log(t2))
        self._f = m1 / (self._n * t1**self._n)
        self._r0 = self._radius(radians(origin)) if origin < 90 else 0.0
        self._east, self._north, self._meridian = false_east, false_north, radians(meridian)

    def _m(self, latitude: float) -> float:
        return cos(latitude) / sqrt(1 - (self._e * sin(latitude)) ** 2)

    def _t(self, latitude: float) -> float:
        part = self._e * sin(latitude)
        return float(tan(pi / 4 - latitude / 2) / ((1 - part) / (1 + part)) ** (self._e / 2))

    def _radius(self, latitude: float) -> float:
        return float(self._axis * self._f * self._t(latitude) ** self._n)

    def project(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Give x and y of a place on this ellipsoid."""
        radius = self._radius(radians(latitude))
        angle = self._n * (radians(longitude) - self._meridian)
        return self._east + radius * sin(angle), self._north + self._r0 - radius * cos(angle)

    def unproject(self, x: float, y: float) -> tuple[float, float]:
        """Give longitude and latitude on this ellipsoid."""
        east, north = x - self._east, self._r0 - (y - self._north)
        t = (hypot(east, north) / (self._axis * self._f)) ** (1 / self._n)
        latitude = pi / 2 - 2 * atan(t)
        for _ in range(ROUNDS):
            part = self._e * sin(latitude)
            latitude = pi / 2 - 2 * atan(t * ((1 - part) / (1 + part)) ** (self._e / 2))
        return degrees(atan2(east, north) / self._n + self._meridian), degrees(latitude)


LAMBERT_72 = Projection(
    INTERNATIONAL_1924,
    origin=90.0,
    meridian=4.367486666666667,
    south=49.8333339,
    north=51.166667233333333,
    false_east=150000.013,
    false_north=5400088.438,
)
"""EPSG:31370, on the datum Belge 1972."""
LAMBERT_2008 = Projection(
    GRS_80,
    origin=50.797815,
    meridian=4.359215833333333,
    south=49.833333333333333,
    north=51.166666666666667,
    false_east=649328.0,
    false_north=665262.0,
)
"""EPSG:3812, on the datum ETRS89."""


def from_lambert_72(x: float, y: float) -> tuple[float, float]:
    """Give longitude and latitude (WGS 84) of Lambert 1972."""
    a, b, c = _to_space(*LAMBERT_72.unproject(x, y), INTERNATIONAL_1924)
    (dx, dy, dz), (rx, ry, rz), scale = _SHIFT, _TURN, 1 + _SCALE
    moved = (
        dx + scale * (a - rz * b + ry * c),
        dy + scale * (rz * a + b - rx * c),
        dz + scale * (-ry * a + rx * b + c),
    )
    return _from_space(*moved, WGS_84)


def to_lambert_72(longitude: float, latitude: float) -> tuple[float, float]:
    """Give Lambert 1972 of longitude and latitude (WGS 84)."""
    x, y, z = _to_space(longitude, latitude, WGS_84)
    (dx, dy, dz), (rx, ry, rz), scale = _SHIFT, _TURN, 1 + _SCALE
    a, b, c = (x - dx) / scale, (y - dy) / scale, (z - dz) / scale
    back = (a, b, c)
    for _ in range(3):  # the turn undone: each round is a hundred thousand times nearer
        p, q, r = back
        back = (a + rz * q - ry * r, b - rz * p + rx * r, c + ry * p - rx * q)
    return LAMBERT_72.project(*_from_space(*back, INTERNATIONAL_1924))


def _to_space(longitude: float, latitude: float, on: Ellipsoid) -> tuple[float, float, float]:
    east, north = radians(longitude), radians(latitude)
    normal = on.axis / sqrt(1 - on.square * sin(north) ** 2)
    return (
        normal * cos(north) * cos(east),
        normal * cos(north) * sin(east),
        normal * (1 - on.square) * sin(north),
    )


def _from_space(x: float, y: float, z: float, on: Ellipsoid) -> tuple[float, float]:
    """Bowring's formula; below a tenth of a millimeter at any height on land."""
    flat = hypot(x, y)
    short = on.axis * sqrt(1 - on.square)
    angle = atan2(z * on.axis, flat * short)
    second = on.square / (1 - on.square)
    latitude = atan2(z + second * short * sin(angle) ** 3, flat - on.square * on.axis * cos(angle) ** 3)
    return degrees(atan2(y, x)), degrees(latitude)
