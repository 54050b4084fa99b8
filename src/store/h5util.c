/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the writer and the reader of results files share of HDF5. */
#include "store/h5util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/pipe.h"

bool msc_h5_begin(void)
{
    /* Says no if it has been called before, which is as well; HDF5 guards it with its own mutex. */
    (void)H5dont_atexit();
    return H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0;
}

/* Takes the first description of a walk upward and ends it. */
static herr_t take_first(unsigned n, const H5E_error2_t *entry, void *data)
{
    (void)n;
    char *text = data;
    if (!entry->desc || !entry->desc[0]) {
        return 0;
    }
    snprintf(text, 512, "%s", entry->desc);
    return 1;
}

msc_status msc_h5_fail(msc_error *err, msc_status status, const char *doing)
{
    char text[512] = "", reason[256];
    if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, text) < 0 || !text[0]) {
        snprintf(text, sizeof text, "HDF5 gives no reason");
    }
    const char *number = strstr(text, "errno = ");
    long code = number ? strtol(number + strlen("errno = "), NULL, 10) : 0;
    if (code > 0 && code < 4096 && strerror_r((int)code, reason, sizeof reason) == 0) {
        return msc_fail(err, status, NULL, "%s: %s", doing, reason);
    }
    return msc_fail(err, status, NULL, "%s: %s", doing, text);
}

hid_t msc_h5_access_new(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0) {
        return H5I_INVALID_HID;
    }
    bool good = H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) >= 0;
#if H5_VERSION_GE(1, 10, 7)
    good = good && H5Pset_file_locking(list, false, true) >= 0;
#endif
    if (!good) {
        (void)H5Pclose(list);
        return H5I_INVALID_HID;
    }
    return list;
}

hid_t msc_h5_text_type_new(void)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0) {
        return H5I_INVALID_HID;
    }
    if (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0) {
        (void)H5Tclose(type);
        return H5I_INVALID_HID;
    }
    return type;
}

bool msc_h5_storage_fits(hid_t set, int rank, const hsize_t *dim, hsize_t file_size)
{
    hid_t list = H5Dget_create_plist(set), type = H5Dget_type(set);
    hsize_t room = H5Dget_storage_size(set);
    hsize_t size = type < 0 ? 0 : H5Tget_size(type);
    bool fits = list >= 0 && H5Pget_external_count(list) == 0 &&
                H5Pget_layout(list) != H5D_VIRTUAL && size > 0 && room <= file_size;
    if (fits && H5Pget_nfilters(list) > 0 && room <= UINT64_MAX / MSC_PIPE_RATIO) {
        room *= MSC_PIPE_RATIO;
    }
    for (int k = 0; k < rank && fits; k++) {
        fits = dim[k] > 0 && size <= room / dim[k];
        size *= dim[k];
    }
    fits = fits && size <= room;
    if (list >= 0 && H5Pclose(list) < 0) {
        fits = false;
    }
    if (type >= 0 && H5Tclose(type) < 0) {
        fits = false;
    }
    return fits;
}

/* Bytes of the character at s (RFC 3629: shortest form, no surrogates), 0 if there is none. */
static size_t utf8_character(const unsigned char *s)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte, of the second */
        unsigned char n;
    } form[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    if (s[0] < 0x80) {
        return 1;
    }
    for (size_t i = 0; i < sizeof form / sizeof form[0]; i++) {
        if (s[0] < form[i].first || s[0] > form[i].last) {
            continue;
        }
        if (s[1] < form[i].low || s[1] > form[i].high) {
            return 0;
        }
        for (size_t k = 2; k < form[i].n; k++) {
            if ((s[k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return form[i].n;
    }
    return 0;
}

bool msc_h5_text_is_utf8(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t n = utf8_character(s);
        if (n == 0) {
            return false;
        }
        s += n;
    }
    return true;
}

char *msc_h5_text_mend(char *copy, const char *text)
{
    while (*text) {
        size_t n = utf8_character((const unsigned char *)text);
        memcpy(copy, n ? text : "\xEF\xBF\xBD", n ? n : 3);
        copy += n ? n : 3;
        text += n ? n : 1;
    }
    *copy = '\0';
    return copy;
}
