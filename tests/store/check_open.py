#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A results file as h5py, xarray (both engines) and ncdump see it, every warning an error.
#     check_open.py FILE     looks at a file
#     check_open.py          lets $MSCSIM run configs/oi_two_dose.cfg and looks at its file; 77 if there is no program
import os
import shutil
import subprocess
import sys
import tempfile
import warnings

try:
    import h5netcdf  # noqa: F401
    import h5py
    import netCDF4  # noqa: F401
    import numpy
    import xarray
except ImportError as e:
    print(f"not installed: {e.name}")
    sys.exit(77)

warnings.simplefilter("error")  # only now: Debian's netCDF4 warns when it is imported


def text(value):
    """A text attribute: a str, whatever way it is stored."""
    assert isinstance(value, str), f"{value!r} is not text"
    return value


def check_h5py(path):
    """Every dataset labelled, every axis with a scale; returns names with their axes."""
    shape = {}
    with h5py.File(path, "r") as f:
        assert text(f.attrs["Conventions"]) == "mscsim-1"
        assert text(f.attrs["mscsim_format"]).startswith("1.")
        for name, d in f.items():
            assert isinstance(d, h5py.Dataset), f"{name} is no dataset"
            assert text(d.attrs["units"]), f"{name}: no units"
            assert text(d.attrs["long_name"]), f"{name}: no long_name"
            if d.dtype.kind == "O":
                info = h5py.check_string_dtype(d.dtype)
                assert info.encoding == "utf-8" and info.length is None, f"{name}: {info}"
                d.asstr()[()]
            else:
                assert d.dtype in ("f8", "f4", "i8", "u1"), f"{name}: {d.dtype}"
            if h5py.h5ds.is_scale(d.id):
                shape[name] = (name,)
                continue
            assert all(len(dim) == 1 for dim in d.dims), f"{name}: an axis without its scale"
            shape[name] = tuple(dim[0].name[1:] for dim in d.dims)
            if d.dtype.kind == "f":
                assert numpy.isnan(d.attrs["_FillValue"]).all() and d.attrs["_FillValue"].dtype == d.dtype
            if "flag_values" in d.attrs:
                assert d.attrs["flag_values"].dtype == "u1"
                assert len(text(d.attrs["flag_meanings"]).split()) == len(d.attrs["flag_values"])
            if d.chunks:
                assert numpy.prod(d.chunks) * d.dtype.itemsize <= 2**20, f"{name}: {d.chunks}"
        for name, value in f.attrs.items():
            if isinstance(value, str):
                value.encode("utf-8")
    return shape


def check_xarray(path, shape, engine):
    with xarray.open_dataset(path, **({"engine": engine} if engine else {})) as ds:
        assert list(ds.variables) and set(ds.variables) == set(shape), f"{engine}: {sorted(ds.variables)}"
        for name, dims in shape.items():
            v = ds[name]
            v.load()
            assert v.dims == dims, f"{engine}: {name}{v.dims}, not {dims}"
            assert v.attrs["long_name"], f"{engine}: {name}"
            assert v.dtype.kind not in "mM", f"{engine}: {name} was taken for a date"
        for dim in ds.dims:
            assert dim in ds.coords, f"{engine}: {dim} has no coordinate"
        for name, v in ds.coords.items():
            assert v.dtype.kind in "fOU", f"{engine}: {name} is {v.dtype}"
        for key, value in ds.attrs.items():
            if isinstance(value, str):
                value.encode("utf-8")
        if "live" in ds and "organ" in ds["live"].dims:
            lung = ds.live.sel(organ="lung")
            assert lung.dims == tuple(d for d in ds["live"].dims if d != "organ")
        return ds.load()


def check_ncdump(path, shape):
    r = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, errors="strict")
    assert r.returncode == 0 and not r.stderr, r.stderr
    assert "phony" not in r.stdout
    for name, dims in shape.items():
        assert f" {name}({', '.join(dims)}) ;" in r.stdout or (not dims and f" {name} ;" in r.stdout), name
    assert 'string :Conventions = "mscsim-1" ;' in r.stdout, r.stdout
    r = subprocess.run(["ncdump", path], capture_output=True)
    assert r.returncode == 0 and not r.stderr, r.stderr


def check(path):
    shape = check_h5py(path)
    engines = [check_xarray(path, shape, e) for e in ("netcdf4", "h5netcdf", None)]
    for other in engines[1:]:
        xarray.testing.assert_equal(engines[0], other)
    check_ncdump(path, shape)
    return engines[0]


def check_founding(ds):
    """What a user of the founding protocol looks for, under the names of the model."""
    assert ds["time"].attrs["units"] == "h" and ds["live"].dims == ("time", "organ")
    assert ds["organ"].dtype.kind in "OU" and "lung" in ds["organ"].values
    lung = ds.live.sel(organ="lung")
    assert 1e7 < float(lung.sel(time=24.5)) < 1e8 and float(lung.sel(time=0)) == 0
    assert ds["occlusion"].dims == ("time",)
    assert 0 < float(ds.occlusion.max()) <= float(ds.occlusion_peak) < 0.1
    assert 240 < float(ds.occlusion_peak_time) < 241

    # given = left by fate + present, at every stored time
    out = ds.ledger_cell.sum("fate_cell") + ds.present_cell
    given = ds.given_cell + ds.initial_cell
    if "entered_cell" in ds:
        given = given + ds.entered_cell.sum("entry_cell")
    assert float(abs(given - out).max()) < 1e-10 * float(ds.given_cell[-1]) and abs(float(ds.given_cell[-1]) / 3.2e8 - 1) < 1e-12

    # how many cells reach the bone is known as a range only: beside the run itself stands its span
    low, high = ds.resident_site_peak_low, ds.resident_site_peak_high
    assert 300 < float(low) < 700 and 3000 < float(high) < 6000, (float(low), float(high))
    site = ds.live.sel(organ="site")
    assert bool((ds.live_low.sel(organ="site") <= site).all()) and bool((site <= ds.live_high.sel(organ="site")).all())

    # doses and provenance
    assert list(ds.dose_route.values) == ["intravenous"] * 2 and list(ds.dose_time.values) == [24, 240]
    assert list(ds.source_name.values)[:2] == ["oi_two_dose.cfg", "../models/msc_human.cfg"]
    assert "osteotomy" in str(ds.source_text.values[0]) and ds.attrs["title"] and ds.attrs["solver_steps"] > 0


def check_both_sides(program, folder):
    """A sweep with values on both sides of stops tells which is which, as a run does."""
    top = os.environ.get("TOP", ".")
    for name in ("tiny.cfg", "model.cfg"):
        shutil.copy(os.path.join(top, "tests/cli/data", name), os.path.join(folder, name))
    config = os.path.join(folder, "s.cfg")
    with open(config, "w") as f:
        f.write("""base = "tiny.cfg"; output: { both_sides = true; };
sweep = { design = "grid"; axes: { dose = { vary = "regimen[0].dose"; values = ("1e5 cell/kg", "4e5 cell/kg"); }; };
          keep_trajectories = true; };\n""")
    path = {what: os.path.join(folder, what + ".h5") for what in ("sweep", "run", "one_side")}
    quiet = dict(check=True, stdout=subprocess.DEVNULL)
    subprocess.run([program, "sweep", "-q", config, "-o", path["sweep"]], **quiet)
    subprocess.run([program, "run", "-q", config, "-o", path["run"], "--set", "regimen[0].dose=\"4e5 cell/kg\""], **quiet)
    sweep, run = check(path["sweep"]), check(path["run"])
    assert sweep["side"].dims == ("time",) and sweep["side"].attrs["flag_meanings"] == "before after"
    # equal times, of which the first is before and the second after; all others are after
    twice = numpy.flatnonzero(numpy.diff(sweep.time.values) == 0)
    assert len(twice) > 0 and list(numpy.flatnonzero(sweep.side.values == 0)) == list(twice)
    assert (sweep.time.values == run.time.values).all() and (sweep.side.values == run.side.values).all()
    name = sweep.attrs["quantities"].split()[0]
    numpy.testing.assert_allclose(sweep[name].isel(scenario=1).values, run[name].values, rtol=1e-6, atol=1e-6)
    after = sweep.isel(time=sweep.side.values == 1)
    assert len(set(after.time.values)) == len(after.time)
    subprocess.run([program, "sweep", "-q", config, "-o", path["one_side"], "--set", "output.both_sides=false"], **quiet)
    assert "side" not in check(path["one_side"])


def main():
    if len(sys.argv) > 1:
        check(sys.argv[1])
        return
    program = os.environ.get("MSCSIM", "")
    if not os.access(program, os.X_OK):
        print("no program in $MSCSIM")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "r.h5")
        config = os.path.join(os.environ.get("TOP", "."), "configs", "oi_two_dose.cfg")
        subprocess.run([program, "run", "-q", config, "-o", path], check=True, stdout=subprocess.DEVNULL)
        check_founding(check(path))
        check_both_sides(program, folder)
        with open(path, "rb") as f:
            text = f.read()
        for private in (folder, os.path.abspath(os.environ.get("TOP", "."))):
            assert private.encode() not in text, f"the file holds {private}"


main()
