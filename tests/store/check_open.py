#!/usr/bin/python3
# Copyright (c) mscsim contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A results file as h5py, xarray (both engines) and ncdump see it, every warning an error.
#     check_open.py FILE     looks at a file
#     check_open.py          lets $MSCSIM run a scenario and looks at its file; 77 if there is no program
import os
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
        top = os.environ.get("TOP", ".")
        config = os.path.join(top, "configs", "oi_two_dose.cfg")
        subprocess.run([program, "run", config, "-o", path], check=True, stdout=subprocess.DEVNULL)
        ds = check(path)
        assert "time" in ds.dims and ds["time"].attrs["units"] == "h"


main()
