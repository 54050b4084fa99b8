/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Points of a fit, dealt out to threads. Nothing a point gives depends on who took it, or on what ran beside it. */
#include "fit/crowd.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MOST = 1024, EACH = 8 }; /* points that are worth a thread */

typedef struct {
    msc_crowd *crowd;
    msc_worker **worker; /* [n_study] */
    size_t study;        /* under way */
} hand;

struct msc_crowd {
    const msc_fit *fit;
    const volatile int *stop;
    unsigned n_hand;
    hand *hand;
    pthread_mutex_t lock;
    /* of the run under way; what is counted is under the lock */
    size_t count, *next; /* [n_study] the next point of each */
    const double *t;
    bool *wanted;
    unsigned char *ended; /* of a point: not well in some study */
    size_t cap_ended, trouble_of; /* the first such point, and study */
    msc_crowd_take *take;
    void *context;
    msc_error error;
    char trouble[1024];
};

/* ---- making ---- */

static unsigned threads_of(unsigned wanted)
{
    const long all = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned n = wanted > 0 ? wanted : all > 0 ? (unsigned)all : 1;
    return n < THREADS_MOST ? n : THREADS_MOST;
}

msc_status msc_crowd_new(const msc_fit *fit, const msc_batch *const *batch, unsigned threads, const volatile int *stop, msc_crowd **out,
                         msc_error *err)
{
    msc_crowd *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c) {
        return msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    }
    pthread_mutex_init(&c->lock, NULL);
    c->fit = fit, c->stop = stop, c->n_hand = threads_of(threads);
    c->hand = calloc(c->n_hand, sizeof *c->hand), c->next = calloc(fit->n_study, sizeof *c->next);
    msc_status status = c->hand && c->next ? MSC_OK : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
    for (unsigned i = 0; i < c->n_hand && status == MSC_OK; i++) {
        c->hand[i].crowd = c;
        c->hand[i].worker = calloc(fit->n_study, sizeof(msc_worker *));
        status = c->hand[i].worker ? MSC_OK : msc_fail(err, MSC_E_NOMEM, NULL, "out of memory");
        for (size_t s = 0; s < fit->n_study && status == MSC_OK; s++) {
            status = msc_worker_new(batch[s], &c->hand[i].worker[s], err);
        }
    }
    if (status != MSC_OK) {
        msc_crowd_free(c);
        return status;
    }
    *out = c;
    return MSC_OK;
}

void msc_crowd_free(msc_crowd *c)
{
    if (!c) {
        return;
    }
    for (unsigned i = 0; c->hand && i < c->n_hand; i++) {
        for (size_t s = 0; c->hand[i].worker && s < c->fit->n_study; s++) {
            msc_worker_free(c->hand[i].worker[s]);
        }
        free(c->hand[i].worker);
    }
    pthread_mutex_destroy(&c->lock);
    free(c->hand);
    free(c->next);
    free(c->ended);
    free(c);
}

/* ---- running ---- */

static bool next_point(void *context, double *value, size_t *id)
{
    hand *h = context;
    msc_crowd *c = h->crowd;
    const msc_fit_study *study = &c->fit->study[h->study];
    pthread_mutex_lock(&c->lock);
    size_t *next = &c->next[h->study];
    while (*next < c->count && !c->wanted[*next]) {
        ++*next;
    }
    const bool any = *next < c->count && c->error.status == MSC_OK;
    *id = any ? (*next)++ : 0;
    pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; any && i < study->n_vary; i++) {
        const size_t k = study->estimate[i];
        value[i] = msc_fit_value_of(&c->fit->estimate[k], c->t[*id * c->fit->n_estimate + k]);
    }
    return any;
}

static void take_outcome(void *context, size_t point, const msc_outcome *outcome)
{
    const hand *h = context;
    msc_crowd *c = h->crowd;
    if (outcome->status == MSC_OK) {
        c->take(c->context, h->study, point, outcome);
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->ended[point] = 1;
    const size_t place = point * c->fit->n_study + h->study;
    if (place < c->trouble_of) {
        c->trouble_of = place;
        snprintf(c->trouble, sizeof c->trouble, "%s", outcome->message);
    }
    pthread_mutex_unlock(&c->lock);
}

static void *work(void *context)
{
    hand *h = context;
    msc_crowd *c = h->crowd;
    msc_error err = {0};
    for (h->study = 0; h->study < c->fit->n_study && err.status == MSC_OK; h->study++) {
        (void)!msc_worker_run(h->worker[h->study], next_point, take_outcome, h, c->stop, &err);
    }
    if (err.status != MSC_OK) {
        pthread_mutex_lock(&c->lock);
        c->error = c->error.status == MSC_OK ? err : c->error;
        pthread_mutex_unlock(&c->lock);
    }
    return NULL;
}

static void run_hands(msc_crowd *c, size_t n_wanted)
{
    const size_t worth = (n_wanted + EACH - 1) / EACH;
    const unsigned n = worth < c->n_hand ? (unsigned)worth : c->n_hand;
    pthread_t *handle = calloc(n + 1, sizeof *handle);
    unsigned made = 0;
    while (handle && made + 1 < n && pthread_create(&handle[made], NULL, work, &c->hand[made + 1]) == 0) {
        made++;
    }
    work(&c->hand[0]);
    for (unsigned i = 0; i < made; i++) {
        pthread_join(handle[i], NULL);
    }
    free(handle);
}

static bool make_room(msc_crowd *c, size_t count)
{
    if (count > c->cap_ended) {
        free(c->ended);
        c->ended = malloc(count);
        c->cap_ended = c->ended ? count : 0;
    }
    if (count > c->cap_ended) {
        (void)msc_fail(&c->error, MSC_E_NOMEM, NULL, "out of memory");
        return false;
    }
    memset(c->ended, 0, count);
    return true;
}

bool msc_crowd_run(msc_crowd *c, size_t count, const double *t, bool *wanted, msc_crowd_take *take, void *context)
{
    size_t n = 0;
    c->error.status = MSC_OK, c->trouble[0] = '\0', c->trouble_of = (size_t)-1;
    c->count = count, c->t = t, c->wanted = wanted, c->take = take, c->context = context;
    memset(c->next, 0, c->fit->n_study * sizeof *c->next);
    for (size_t i = 0; i < count; i++) {
        n += wanted[i];
    }
    if (n == 0) {
        return true;
    }
    if (!make_room(c, count)) {
        return false;
    }
    run_hands(c, n);
    for (size_t i = 0; i < count; i++) {
        wanted[i] = wanted[i] && !c->ended[i];
    }
    return c->error.status == MSC_OK && !(c->stop && *c->stop);
}

const msc_error *msc_crowd_error(const msc_crowd *c)
{
    return &c->error;
}

const char *msc_crowd_trouble(const msc_crowd *c)
{
    return c->trouble;
}
