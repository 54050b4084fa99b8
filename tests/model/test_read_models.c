/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models and scenarios that are shipped: each one is read, with settings too, and refused at
 * the setting that is wrong. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "support/suite.h"

static const char *const files[] = {"models/msc_human.cfg",           "models/msc_mouse.cfg",
                                    "models/msc_human_cirrhosis.cfg", "configs/oi_two_dose.cfg",
                                    "configs/in111_cirrhosis.cfg",    "configs/mouse_lee.cfg"};

static msc_status read_file(const char *name, const char *setting, msc_model **model, char *message,
                            size_t n)
{
    char path[1024];
    msc_error err = {0};
    const char *top = getenv("TOP");
    snprintf(path, sizeof path, "%s/%s", top ? top : ".", name);
    msc_status status = msc_model_read(path, &setting, setting ? 1 : 0, model, &err);
    message[0] = '\0';
    if (status != MSC_OK) {
        msc_error_text(&err, message, n);
    }
    return status;
}

/* Every value has a number or a formula, every index of a reference an element. */
START_TEST(read_shipped)
{
    char message[2048];
    msc_model *model = NULL;
    read_file(files[_i], NULL, &model, message, sizeof message);
    ck_assert_str_eq(message, "");
    for (size_t i = 0; i < model->n_parameter; i++) {
        const msc_parameter *p = &model->parameter[i];
        for (size_t k = 0; k < p->shape.n; k++) {
            ck_assert_msg(p->value[k].kind != MSC_VALUE_NONE, "%s: %s has no value", files[_i],
                          p->name);
        }
        ck_assert_msg(p->about != NULL, "%s: %s has no about", files[_i], p->name);
    }
    ck_assert_uint_gt(model->n_process, 0);
    ck_assert_uint_gt(model->n_output, 0);
    for (size_t i = 0; i < model->n_amount; i++) {
        ck_assert_int_ge(model->amount[i].stages, 1);
        ck_assert_int_lt(model->amount[i].pool, (int)model->n_pool);
    }
    msc_model_free(model);
}
END_TEST

START_TEST(settings)
{
    char message[2048];
    msc_model *model = NULL;
    const char *const lung[] = {"lung"};
    ck_assert_int_eq(
        read_file(files[0], "parameters.arrest.lung=0.95", &model, message, sizeof message),
        MSC_OK);
    const msc_parameter *arrest = &model->parameter[msc_model_find_parameter(model, "arrest")];
    long instance = msc_model_element(model, &arrest->shape, lung, 1);
    ck_assert_int_ge(instance, 0);
    ck_assert_double_eq(arrest->value[instance].number, 0.95);
    msc_model_free(model);
    ck_assert_int_eq(
        read_file(files[0], "parameters.arrest.lung=5 h", &model, message, sizeof message),
        MSC_E_CONFIG);
    ck_assert_str_eq(message,
                     "--set #1: parameters.arrest.values.lung: its unit is 'h', where '1' is due");
    ck_assert_ptr_null(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("read models");
    TCase *tcase = tcase_create("read models");
    tcase_add_loop_test(tcase, read_shipped, 0, sizeof files / sizeof *files);
    tcase_add_test(tcase, settings);
    suite_add_tcase(suite, tcase);
    return msc_suite_run(suite);
}
