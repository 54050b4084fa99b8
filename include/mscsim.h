/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * mscsim: where infused cells go, and how long they live. The whole public interface. */
#ifndef MSCSIM_H
#define MSCSIM_H

#include <mscsim/batch.h>
#include <mscsim/error.h>
#include <mscsim/file.h>
#include <mscsim/fit.h>
#include <mscsim/ranks.h>
#include <mscsim/scenario.h>
#include <mscsim/sweep.h>
#include <mscsim/validate.h>

#endif
