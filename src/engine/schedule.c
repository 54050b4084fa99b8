/* Copyright the mscsim contributors
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In which order rows are run. Values do not depend on it, time does.
 *
 * For code, rows that do not wait for each other stand side by side, so that the processor can overlap
 * them. Kernels that read tables suffer from branches they cannot foresee: for them, rows of one shape
 * are gathered, and shapes made fewer by parts that change no bit: adding u is adding 1 u, and adding
 * -0 * 0 is nothing. */
#include "engine/pack.h"

#include <stdlib.h>
#include <string.h>

/* A row that has been made. */
typedef struct {
    msc_pack_row row;
    uint32_t *part;
    uint32_t segment; /* the special that it comes before, or n_special */
    uint32_t level, shape;
    uint32_t n; /* its number */
} a_row;

typedef struct {
    msc_plan *plan;
    msc_rows_reads reads;
    uint32_t size;  /* of a value: an offset is a number times this */
    size_t n_value; /* numbers */
    uint32_t n_row;
    a_row *row;
    uint32_t *written,
        *read;       /* [n_value] the level after the last row that writes, that reads it */
    uint32_t *spare; /* parts that were added */
} schedule;

static size_t n_part(const msc_pack_row *row)
{
    return row->n_plus + row->n_minus + 2 * (size_t)row->n_linear + 3 * (size_t)row->n_bilinear;
}

/* The k-th value that a row reads of those which rows of this table may write: a number, or MSC_NONE. In
 * all n_part + 2. */
static uint32_t read_of(const schedule *s, const a_row *r, size_t k)
{
    const msc_pack_row *row = &r->row;
    const size_t pairs = row->n_plus + row->n_minus, triples = pairs + 2 * (size_t)row->n_linear;
    if (k < 2) {
        const uint32_t at = k == 0 ? row->from : s->reads == MSC_READS_A ? row->scale : MSC_NONE;
        return at < MSC_INVERT ? at / s->size : MSC_NONE;
    }
    k -= 2;
    const bool in_a = k >= pairs && (k < triples ? (k - pairs) % 2 == 0 : (k - triples) % 3 == 0);
    return in_a && s->reads != MSC_READS_A ? MSC_NONE : r->part[k] / s->size;
}

/* ---- levels ---- */

/* What is ready last comes last. */
static void sort_linear(const schedule *s, a_row *r)
{
    uint32_t *pair = r->part + r->row.n_plus + r->row.n_minus;
    for (size_t i = 1; i < r->row.n_linear; i++) {
        const uint32_t a = pair[2 * i], u = pair[2 * i + 1], ready = s->written[u / s->size];
        size_t k = i;
        for (; k > 0 && s->written[pair[2 * k - 1] / s->size] > ready; k--) {
            pair[2 * k] = pair[2 * k - 2];
            pair[2 * k + 1] = pair[2 * k - 1];
        }
        pair[2 * k] = a;
        pair[2 * k + 1] = u;
    }
}

/* The longest chain of rows before this one: it waits for those that write what it reads, and for those
 * that read what it writes. */
static void find_level(schedule *s, a_row *r)
{
    const uint32_t target = r->row.target / s->size;
    const size_t n = n_part(&r->row) + 2;
    uint32_t most = s->written[target] > s->read[target] ? s->written[target] : s->read[target];
    for (size_t k = 0; k < n; k++) {
        const uint32_t x = read_of(s, r, k);
        most = x != MSC_NONE && s->written[x] > most ? s->written[x] : most;
    }
    for (size_t k = 0; k < n; k++) {
        const uint32_t x = read_of(s, r, k);
        if (x != MSC_NONE && s->read[x] <= most) {
            s->read[x] = most + 1;
        }
    }
    sort_linear(s, r);
    s->written[target] = most + 1;
    r->level = most;
}

/* ---- shapes ---- */

static const uint32_t LINEAR[] = MSC_SHAPE_LINEAR;
enum { LINEARS = sizeof LINEAR / sizeof *LINEAR };

/* Which of the numbers of products there may be is the next to n; LINEARS: none. */
static uint32_t round_up(size_t n)
{
    uint32_t i = 0;
    while (i < LINEARS && LINEAR[i] < n) {
        i++;
    }
    return i;
}

/* Everything as products, filled up. `to` has room. */
static void fill_up(const schedule *s, a_row *r, uint32_t *to)
{
    const msc_plan *plan = s->plan;
    const msc_pack_row *row = &r->row;
    const uint32_t n = row->n_plus + row->n_minus + row->n_linear, wanted = LINEAR[round_up(n)];
    const uint32_t *from = r->part;
    r->part = to;
    for (uint32_t i = 0; i < wanted - n; i++, to += 2) { /* first: they wait for nothing */
        to[0] = msc_at_number(plan, MSC_MINUS_ZERO);
        to[1] = s->reads == MSC_READS_A ? msc_at_number(plan, MSC_ONE) : msc_at_zero(plan);
    }
    for (uint32_t i = 0; i < row->n_plus + row->n_minus; i++, to += 2) {
        to[0] = msc_at_number(plan, i < row->n_plus ? MSC_ONE : MSC_MINUS_ONE);
        to[1] = *from++;
    }
    const size_t rest = 2 * (size_t)row->n_linear + 3 * (size_t)row->n_bilinear;
    if (rest > 0) {
        memcpy(to, from, rest * sizeof *to);
    }
    r->row.n_plus = r->row.n_minus = 0;
    r->row.n_linear = wanted;
}

static void find_shape(schedule *s, a_row *r)
{
    const msc_pack_row *row = &r->row;
    const bool scale = row->scale != MSC_NONE;
    const uint32_t products = row->n_minus + row->n_linear + row->n_bilinear;
    const uint32_t which = round_up((size_t)row->n_plus + row->n_minus + row->n_linear);
    r->shape = MSC_NONE;
    if (s->plan->for_code || row->scale == MSC_INVERT) {
        return;
    }
    if (row->n_plus >= 1 && row->n_plus <= 4 && products == 0 && !scale) {
        r->shape = MSC_SHAPE_SUM(row->n_plus);
    } else if (row->n_bilinear <= 2 && which < LINEARS) {
        fill_up(s, r, s->spare);
        s->spare += n_part(row);
        r->shape = MSC_SHAPE(which, row->n_bilinear, scale);
    }
}

/* ---- segments ---- */

/* Rows go as far down as the specials that need them let them. */
static bool sink(schedule *s, const msc_pack_nodes *nodes)
{
    uint32_t *writer = malloc(s->n_value * sizeof *writer);
    if (writer == NULL) {
        return false;
    }
    memset(writer, 0xff, s->n_value * sizeof *writer);
    for (uint32_t i = 0; i < s->n_row; i++) {
        s->row[i].segment = nodes->n_special;
        writer[s->row[i].row.target / s->size] = i;
    }
    for (uint32_t j = nodes->n_special; j-- > 0;) {
        for (int k = 0; k < msc_op_arity(nodes->special[j].op); k++) {
            const uint32_t i =
                nodes->special[j].coef[k] ? MSC_NONE : writer[nodes->special[j].arg[k] / s->size];
            if (i != MSC_NONE) {
                s->row[i].segment = j;
            }
        }
    }
    for (uint32_t i = s->n_row; i-- > 0;) {
        const a_row *r = &s->row[i];
        for (size_t k = 0; k < n_part(&r->row) + 2; k++) {
            const uint32_t x = read_of(s, r, k), w = x != MSC_NONE ? writer[x] : MSC_NONE;
            if (w != MSC_NONE && s->row[w].segment > r->segment) {
                s->row[w].segment = r->segment;
            }
        }
    }
    free(writer);
    return true;
}

/* ---- order ---- */

/* Segments, levels, shapes, numbers. */
static int compare(const void *x, const void *y)
{
    const a_row *a = x, *b = y;
    const uint32_t key[4][2] = {
        {a->segment, b->segment}, {a->level, b->level}, {a->shape, b->shape}, {a->n, b->n}};
    for (int i = 0; i < 4; i++) {
        if (key[i][0] != key[i][1]) {
            return key[i][0] < key[i][1] ? -1 : 1;
        }
    }
    return 0;
}

/* Linked lists in one array each. */
typedef struct {
    uint32_t *head, *next, *item;
    uint32_t n;
} chains;

static void chain(chains *c, uint32_t which, uint32_t item)
{
    c->item[c->n] = item;
    c->next[c->n] = c->head[which];
    c->head[which] = c->n++;
}

static bool new_chains(chains *c, size_t n_head, size_t n)
{
    *c = (chains){malloc((n_head + 1) * sizeof *c->head), malloc((n + 1) * sizeof *c->next),
                  malloc((n + 1) * sizeof *c->item), 0};
    if (c->head == NULL || c->next == NULL || c->item == NULL) {
        return false;
    }
    memset(c->head, 0xff, (n_head + 1) * sizeof *c->head);
    return true;
}

static void free_chains(chains *c)
{
    free(c->head);
    free(c->next);
    free(c->item);
}

/* Who waits for whom. */
typedef struct {
    chains after;     /* by row: those that wait for it */
    uint32_t *waits;  /* [row] for how many */
    chains readers;   /* by value: of what it is now */
    uint32_t *writer; /* [value] */
} graph;

static void add_edge(graph *g, uint32_t before, uint32_t row)
{
    if (before != MSC_NONE && before != row) {
        chain(&g->after, before, row);
        g->waits[row]++;
    }
}

/* A row waits for those that write what it reads, and where it writes for those that have read or
 * written there. */
static void link_row(const schedule *s, graph *g, uint32_t i)
{
    const a_row *r = &s->row[i];
    const uint32_t target = r->row.target / s->size;
    for (size_t k = 0; k < n_part(&r->row) + 2; k++) {
        const uint32_t x = read_of(s, r, k);
        if (x != MSC_NONE) {
            add_edge(g, g->writer[x], i);
            chain(&g->readers, x, i);
        }
    }
    add_edge(g, g->writer[target], i);
    for (uint32_t c = g->readers.head[target]; c != MSC_NONE; c = g->readers.next[c]) {
        add_edge(g, g->readers.item[c], i);
    }
    g->readers.head[target] = MSC_NONE;
    g->writer[target] = i;
}

/* Shapes of a segment, and the rows of each that wait for none. */
typedef struct {
    uint32_t n, *shape, *count;
    chains ready;
} shapes;

static void make_ready(const schedule *s, shapes *to, uint32_t row)
{
    uint32_t k = 0;
    while (k < to->n && to->shape[k] != s->row[row].shape) {
        k++;
    }
    if (k == to->n) {
        to->shape[to->n] = s->row[row].shape;
        to->count[to->n++] = 0;
    }
    to->count[k]++;
    chain(&to->ready, k, row);
}

/* Rows first .. last - 1: always the shape of which most are ready. Levels become places in the order. */
static void gather(schedule *s, graph *g, shapes *x, uint32_t first, uint32_t last)
{
    for (uint32_t i = first; i < last; i++) {
        link_row(s, g, i);
    }
    for (uint32_t i = first; i < last; i++) {
        if (g->waits[i] == 0) {
            make_ready(s, x, i);
        }
    }
    for (uint32_t level = 0, left = last - first; left > 0; level++) {
        uint32_t best = 0;
        for (uint32_t k = 1; k < x->n; k++) {
            best = x->count[k] > x->count[best] ? k : best;
        }
        uint32_t c = x->ready.head[best];
        left -= x->count[best];
        x->ready.head[best] = MSC_NONE;
        x->count[best] = 0;
        for (; c != MSC_NONE; c = x->ready.next[c]) {
            const uint32_t row = x->ready.item[c];
            s->row[row].level = level;
            for (uint32_t a = g->after.head[row]; a != MSC_NONE; a = g->after.next[a]) {
                if (--g->waits[g->after.item[a]] == 0) {
                    make_ready(s, x, g->after.item[a]);
                }
            }
        }
    }
}

static bool gather_all(schedule *s)
{
    size_t n_read = 0;
    for (uint32_t i = 0; i < s->n_row; i++) {
        n_read += n_part(&s->row[i].row) + 3;
    }
    graph g = {.waits = calloc((size_t)s->n_row + 1, sizeof *g.waits),
               .writer = malloc(s->n_value * sizeof *g.writer)};
    shapes x = {.shape = malloc(((size_t)s->n_row + 1) * sizeof *x.shape),
                .count = malloc(((size_t)s->n_row + 1) * sizeof *x.count)};
    const bool done = g.waits != NULL && g.writer != NULL && x.shape != NULL && x.count != NULL &&
                      new_chains(&g.after, s->n_row, 2 * n_read) &&
                      new_chains(&g.readers, s->n_value, n_read) &&
                      new_chains(&x.ready, s->n_row, s->n_row);
    if (done) {
        memset(g.writer, 0xff, s->n_value * sizeof *g.writer);
    }
    for (uint32_t first = 0, last; done && first < s->n_row; first = last) {
        for (last = first; last < s->n_row && s->row[last].segment == s->row[first].segment;
             last++) {}
        memset(g.writer, 0xff, s->n_value * sizeof *g.writer);
        memset(g.readers.head, 0xff, s->n_value * sizeof *g.readers.head);
        g.readers.n = 0;
        gather(s, &g, &x, first, last);
    }
    free(g.waits);
    free(g.writer);
    free(x.shape);
    free(x.count);
    free_chains(&g.after);
    free_chains(&g.readers);
    free_chains(&x.ready);
    return done;
}

/* ---- all ---- */

static void measure(schedule *s)
{
    s->n_value = 1;
    for (uint32_t i = 0; i < s->n_row; i++) {
        const a_row *r = &s->row[i];
        const uint32_t also[3] = {r->row.target, r->row.from, r->row.scale};
        for (size_t k = 0; k < n_part(&r->row) + 3; k++) {
            const uint32_t at = k < 3 ? also[k] : r->part[k - 3];
            s->n_value = at < MSC_INVERT && at / s->size >= s->n_value ? (size_t)(at / s->size) + 1
                                                                       : s->n_value;
        }
    }
}

static void put(const schedule *s, msc_pack *pack, msc_pack_nodes *nodes)
{
    uint32_t *part = pack->part, segment = 0;
    for (uint32_t i = 0; i < s->n_row; i++) {
        const a_row *r = &s->row[i];
        for (; segment < r->segment; segment++) {
            nodes->special[segment].before = pack->n_group;
        }
        if (i == 0 || r->shape != r[-1].shape || r->segment != r[-1].segment) {
            pack->group[pack->n_group++] = (msc_pack_group){r->shape, 0};
        }
        pack->group[pack->n_group - 1].n++;
        pack->row[pack->n++] = r->row;
        if (n_part(&r->row) > 0) {
            memcpy(part, r->part, n_part(&r->row) * sizeof *part);
            part += n_part(&r->row);
        }
    }
    for (; nodes != NULL && segment < nodes->n_special; segment++) {
        nodes->special[segment].before = pack->n_group;
    }
}

static bool order(schedule *s, const msc_pack_nodes *nodes)
{
    if (nodes != NULL && nodes->n_special > 0 && !sink(s, nodes)) {
        return false;
    }
    qsort(s->row, s->n_row, sizeof *s->row, compare); /* into segments */
    for (uint32_t i = 0; s->reads != MSC_READS_APART && i < s->n_row; i++) {
        find_level(s, &s->row[i]);
    }
    for (uint32_t i = 0; i < s->n_row; i++) {
        find_shape(s, &s->row[i]);
    }
    if (!s->plan->for_code && s->reads != MSC_READS_APART && !gather_all(s)) {
        return false;
    }
    qsort(s->row, s->n_row, sizeof *s->row, compare);
    return true;
}

bool msc_rows_order(const msc_maker *m, msc_plan *plan, msc_rows_reads reads, msc_pack *pack,
                    msc_pack_nodes *nodes)
{
    schedule s = {
        .plan = plan, .reads = reads, .size = msc_offset(plan, 1), .n_row = (uint32_t)m->n_row};
    const size_t room = 3 * m->part.n + 24 * m->n_row + 1;
    uint32_t *from = m->part.item, *spare = malloc(room * sizeof *spare);
    s.row = calloc(m->n_row + 1, sizeof *s.row);
    bool done = s.row != NULL && spare != NULL && m->n_row < UINT32_MAX;
    for (uint32_t i = 0; done && i < s.n_row; i++) {
        s.row[i] = (a_row){.row = m->row[i], .part = from, .n = i};
        from += n_part(&m->row[i]);
    }
    if (done) {
        s.spare = spare;
        measure(&s);
        s.n_value += MSC_PLACES +
                     (reads == MSC_READS_A ? 0 : plan->program->n_u); /* what is filled up with */
        s.written = calloc(s.n_value, sizeof *s.written);
        s.read = calloc(s.n_value, sizeof *s.read);
    }
    done = done && s.written != NULL && s.read != NULL && order(&s, nodes) &&
           TAKE(plan, pack->row, m->n_row + 1) && TAKE(plan, pack->group, m->n_row + 1) &&
           TAKE(plan, pack->part, room);
    if (done) {
        put(&s, pack, nodes);
    }
    free(s.written);
    free(s.read);
    free(spare);
    free(s.row);
    return done;
}
