/* The load client of `koinon bench room`: one epoll loop that reads N event streams and sends POSTs and votes on time.
 *
 * It serves every server that is compared in the same way, takes one command a line on standard input and prints one line
 * of JSON for each (bench/room.py says what they mean):
 *
 *   join HEADS N PARALLEL SOURCES            open streams until N have had their snapshot
 *   fire REQUESTS RATE CONNECTIONS SECONDS DRAIN KIND [MARK BASE]
 *                                            RATE 0: closed loop; KIND: posts | votes
 *   cut HEADS TIMES PARALLEL SECONDS         cut streams at random and resume each with Last-Event-ID
 *   read SECONDS                             only read
 *   mark                                     from here on compare what the readers get (in a quiet moment)
 *   state                                    what the readers hold, and in how many it differs
 *   dump FILE                                every event that the first reader had
 *   leave                                    close all streams
 *
 * A stamp "kbstamp-IIIIII-TTTTTTTTTTTTTTTT" in a request is filled in when it is due (its number, and the monotonic clock in
 * microseconds at which it was due, not at which it was sent) and found again in each stream: so nothing is trusted but what arrived.
 * Files of requests hold, for each: four bytes of length (little endian), then the bytes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_POSTS 1024       /* stamps that one `fire posts` may hold */
#define BUCKETS 600000        /* of 50 microseconds: 30 seconds */
#define BUCKET 50
#define PIECE 262144
#define MOST_LINES 1024       /* connections that send */

enum { GONE, CONNECTING, HEAD, OPEN };
enum { SIZE, DATA, AFTER, TRAILER, RAW };

typedef struct {
    int fd;
    uint8_t state, chunk, cut;
    uint32_t left;                     /* of the chunk that is being read */
    char *rest; uint32_t rest_len, rest_room;   /* an event that has not ended yet, or the head */
    uint64_t epoch, last;              /* of the id: EPOCH-NUMBER */
    char id[48];
    uint64_t hash, changes, snapshots, resets, comments, gaps, repeats;
    int64_t total;
    int64_t begun;
    uint64_t seen[MOST_POSTS / 64];
} Reader;

typedef struct {
    int fd, busy;
    int64_t due, number;
    char *out; size_t out_len, out_at;
    char in[65536]; size_t in_len;
} Line;

typedef struct { char *all; char **at; uint32_t *len; int64_t count; } Requests;

static struct sockaddr_in server;
static int loop_fd, lines_fd, sources = 8; /* two loops: what is sent must not wait behind ten thousand that are read */
static Reader *readers; static int reader_room, wanted, joined, lost, parallel, pending, next_reader, refused;
static char refusal[200];
static Requests heads;
static Line lines[MOST_LINES]; static int line_count;
static char raw[PIECE], plain[PIECE * 2 + 8];
static FILE *dump_file;

/* What one `fire` measures. */
static int firing, votes_mode;
static char mark[64]; static size_t mark_len;
static int64_t base_total, shared_total;
static Requests shots; static int64_t next_shot, acked, failed, answered_count, begun_at, until;
static double rate;
static int64_t *due_of; /* of each shot, in microseconds */
static uint32_t reply_hist[BUCKETS]; static uint64_t screen_hist[BUCKETS];
static uint64_t delivered, doubled, frames;
static uint32_t got[MOST_POSTS]; static int64_t last_at[MOST_POSTS], stamp_of[MOST_POSTS];
static int statuses[600];
static int64_t now_us_;

static int64_t now_us(void) {
    struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
static void die(const char *what) { fprintf(stderr, "room load: %s: %s\n", what, strerror(errno)); exit(1); }
static void count32(uint32_t *h, int64_t us) { int64_t b = us / BUCKET; h[b < 0 ? 0 : b >= BUCKETS ? BUCKETS - 1 : b]++; }
static void count64(uint64_t *h, int64_t us, uint64_t n) { int64_t b = us / BUCKET; h[b < 0 ? 0 : b >= BUCKETS ? BUCKETS - 1 : b] += n; }
static double share32(uint32_t *h, double q) {
    uint64_t all = 0, at = 0; for (int i = 0; i < BUCKETS; i++) all += h[i];
    if (!all) return -1;
    for (int i = 0; i < BUCKETS; i++) { at += h[i]; if (at >= q * all) return (i + 1) * BUCKET / 1000.0; }
    return -1;
}
static double share64(uint64_t *h, double q) {
    uint64_t all = 0, at = 0; for (int i = 0; i < BUCKETS; i++) all += h[i];
    if (!all) return -1;
    for (int i = 0; i < BUCKETS; i++) { at += h[i]; if (at >= q * all) return (i + 1) * BUCKET / 1000.0; }
    return -1;
}
static int by_size(const void *a, const void *b) { int64_t x = *(int64_t *)a, y = *(int64_t *)b; return x < y ? -1 : x > y; }

static Requests load(const char *path) {
    Requests r = {0};
    FILE *f = fopen(path, "rb"); if (!f) die(path);
    fseek(f, 0, SEEK_END); long size = ftell(f); rewind(f);
    r.all = malloc(size + 1); if (fread(r.all, 1, size, f) != (size_t)size) die(path);
    fclose(f);
    for (long at = 0; at + 4 <= size; ) { uint32_t n; memcpy(&n, r.all + at, 4); at += 4 + n; r.count++; }
    r.at = malloc(sizeof(char *) * (r.count + 1)); r.len = malloc(sizeof(uint32_t) * (r.count + 1));
    int64_t i = 0;
    for (long at = 0; at + 4 <= size; i++) { uint32_t n; memcpy(&n, r.all + at, 4); r.at[i] = r.all + at + 4; r.len[i] = n; at += 4 + n; }
    return r;
}
static void unload(Requests *r) { free(r->all); free(r->at); free(r->len); memset(r, 0, sizeof *r); }

static int open_socket(int source) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); if (fd < 0) die("socket");
    int one = 1;
    setsockopt(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)source) };
    if (bind(fd, (struct sockaddr *)&own, sizeof own) < 0) die("bind");
    if (connect(fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) die("connect");
    return fd;
}
static void reset_close(int fd) { /* no TIME_WAIT: a round must not lack ports because of the one before */
    struct linger off = { 1, 0 }; setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof off); close(fd);
}

/* ---- readers ---- */

static void start_reader(int i) {
    Reader *r = &readers[i];
    r->fd = open_socket(i % sources); r->state = CONNECTING; r->chunk = SIZE; r->left = 0; r->rest_len = 0; r->begun = now_us();
    struct epoll_event e = { .events = EPOLLOUT | EPOLLIN, .data.u64 = (uint64_t)i };
    if (epoll_ctl(loop_fd, EPOLL_CTL_ADD, r->fd, &e) < 0) die("epoll_ctl");
    pending++;
}
static void lose_reader(Reader *r) {
    if (r->state == GONE) return;
    if (r->state == OPEN) lost++; else { pending--; refused++; }
    reset_close(r->fd); r->state = GONE; r->rest_len = 0;
}
static void send_head(Reader *r, int i) {
    char text[4096];
    int n = (int)heads.len[i % heads.count];
    memcpy(text, heads.at[i % heads.count], n);
    if (r->cut) n = n - 2 + snprintf(text + n - 2, sizeof text - n, "Last-Event-ID: %s\r\n\r\n", r->id);
    if (send(r->fd, text, n, MSG_NOSIGNAL) != n) { lose_reader(r); return; }
    struct epoll_event e = { .events = EPOLLIN, .data.u64 = (uint64_t)i };
    epoll_ctl(loop_fd, EPOLL_CTL_MOD, r->fd, &e);
    r->state = HEAD;
}
static uint64_t mix(uint64_t h, const char *p, size_t n) {
    while (n >= 8) { uint64_t w; memcpy(&w, p, 8); h = (h ^ w) * 0x9E3779B97F4A7C15ull; h ^= h >> 29; p += 8; n -= 8; }
    while (n--) h = (h ^ (unsigned char)*p++) * 0x100000001B3ull;
    return h;
}
static void on_total(Reader *r, int64_t total) {
    if (total > shared_total) shared_total = total;
    if (total <= r->total) return;
    int64_t from = r->total - base_total, to = total - base_total; /* shots from+1 … to are in now */
    r->total = total; frames++; delivered += (uint64_t)(to - from);
    if (from < 0) from = 0;
    if (!due_of || to > next_shot) return;
    int64_t n = to - from, weight = n / 8 ? n / 8 : 1;
    for (int s = 0; s < 8; s++) { if (n < 8 && s >= n) break;
        int64_t k = n <= 8 ? from + s : from + (n - 1) * s / 7;
        count64(screen_hist, now_us_ - due_of[k], (uint64_t)weight); }
}
static void on_event(Reader *r, char *text, size_t n) { /* one event, without the empty line that ends it */
    if (dump_file && r == readers) { fwrite(text, 1, n, dump_file); fwrite("\n\n", 1, 2, dump_file); }
    char *at = text, *end = text + n, kind = 0; int has_data = 0;
    uint64_t before = r->last, number = 0, epoch = 0;
    while (at < end) {
        char *stop = memchr(at, '\n', end - at); if (!stop) stop = end;
        if (*at == ':') { if (!kind) kind = ':'; }
        else if (!strncmp(at, "id:", 3)) {
            char *v = at + 3; while (*v == ' ') v++;
            size_t w = (size_t)(stop - v); if (w > sizeof r->id - 1) w = sizeof r->id - 1;
            memcpy(r->id, v, w); r->id[w] = 0;
            char *dash = memrchr(r->id, '-', w);
            number = dash ? strtoull(dash + 1, NULL, 10) : strtoull(r->id, NULL, 10);
            epoch = dash ? mix(7, r->id, dash - r->id) : 1;
        } else if (!strncmp(at, "event:", 6)) { char *v = at + 6; while (*v == ' ') v++; kind = *v; }
        else if (!strncmp(at, "data:", 5)) has_data = 1;
        at = stop + 1;
    }
    if (!has_data && kind != 'r') { r->comments++; return; }
    if (epoch) { r->epoch = epoch; r->last = number; }
    if (kind == 's') {
        r->snapshots++;
        if (r->state == HEAD) { r->state = OPEN; joined++; pending--; r->total = base_total; return; }
    } else if (kind == 'r') { r->resets++; if (r->state == HEAD) { r->state = OPEN; joined++; pending--; } }
    else {
        if (r->state == HEAD) { r->state = OPEN; joined++; pending--; }
        r->changes++; r->hash = mix(r->hash, text, n);
        if (epoch && before) { if (number <= before) r->repeats++; else if (number > before + 1) r->gaps++; }
    }
    if (!firing) return;
    if (votes_mode) {
        char *m = mark_len ? memmem(text, n, mark, mark_len) : NULL;
        if (m) on_total(r, strtoll(m + mark_len, NULL, 10));
        return;
    }
    for (char *p = text; (p = memmem(p, end - p, "kbstamp-", 8)) && end - p >= 31; p += 31) {
        long i = strtol(p + 8, NULL, 10); int64_t t = strtoll(p + 15, NULL, 10);
        if (i < 0 || i >= MOST_POSTS || stamp_of[i] != t) continue;
        uint64_t bit = 1ull << (i % 64);
        if (r->seen[i / 64] & bit) { if (kind != 's') doubled++; continue; }
        r->seen[i / 64] |= bit; delivered++; got[i]++;
        if (now_us_ > last_at[i]) last_at[i] = now_us_;
        count64(screen_hist, now_us_ - t, 1);
    }
}
static void keep(Reader *r, const char *p, size_t n) {
    if (n > r->rest_room) { r->rest_room = n + 256; r->rest = realloc(r->rest, r->rest_room); }
    memmove(r->rest, p, n); r->rest_len = (uint32_t)n;
}
static void on_bytes(Reader *r, int i, char *in, size_t n) {
    (void)i;
    char *whole = plain; size_t out = r->rest_len;
    char *grown = NULL; /* what is longer than usual: a big snapshot */
    if (out + n + 8 > sizeof plain) { grown = malloc(out + n + 8); whole = grown; }
    memcpy(whole, r->rest, out);
    size_t at = 0;
    if (r->state == HEAD && r->left == 0xffffffffu) { /* the head has not ended yet */
        memcpy(whole + out, in, n); size_t len = out + n;
        char *e = memmem(whole, len, "\r\n\r\n", 4);
        if (!e) { keep(r, whole, len); free(grown); return; }
        if (len < 12 || memcmp(whole + 9, "200", 3)) {
            if (!refusal[0]) snprintf(refusal, sizeof refusal, "%.*s", (int)(e - whole < 60 ? e - whole : 60), whole);
            free(grown); lose_reader(r); return; }
        *e = 0; r->chunk = strcasestr(whole, "transfer-encoding: chunked") ? SIZE : RAW; *e = '\r';
        r->left = 0; r->rest_len = 0;
        if (r->cut) { r->state = OPEN; joined++; pending--; } /* who missed nothing may be sent nothing */
        size_t body = e + 4 - whole; size_t m = len - body;
        char *copy = malloc(m + 1); memcpy(copy, whole + body, m); free(grown);
        if (m) on_bytes(r, i, copy, m);
        free(copy); return;
    }
    while (at < n) {
        if (r->chunk == RAW) { memcpy(whole + out, in + at, n - at); out += n - at; at = n; }
        else if (r->chunk == SIZE) {
            char c = in[at++];
            if (c == '\n') { if (r->left == 0) { free(grown); lose_reader(r); return; } r->chunk = DATA; }
            else if (c != '\r') r->left = r->left * 16 + (uint32_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
        } else if (r->chunk == DATA) {
            size_t m = n - at < r->left ? n - at : r->left;
            memcpy(whole + out, in + at, m); out += m; at += m; r->left -= (uint32_t)m;
            if (!r->left) r->chunk = AFTER;
        } else { if (in[at++] == '\n') { r->chunk = SIZE; r->left = 0; } }
    }
    char *from = whole, *end = whole + out, *stop;
    while (from < end && (stop = memmem(from, end - from, "\n\n", 2))) { on_event(r, from, stop - from); from = stop + 2; if (r->state == GONE) break; }
    if (r->state != GONE) keep(r, from, end - from);
    free(grown);
}
static void on_reader(int i, uint32_t what) {
    Reader *r = &readers[i];
    if (r->state == GONE) return;
    if (r->state == CONNECTING) {
        int error = 0; socklen_t size = sizeof error; getsockopt(r->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error || (what & (EPOLLERR | EPOLLHUP))) { if (!refusal[0]) snprintf(refusal, sizeof refusal, "connect: %s", strerror(error)); lose_reader(r); return; }
        r->left = 0xffffffffu; send_head(r, i); return;
    }
    ssize_t n = recv(r->fd, raw, sizeof raw, 0);
    if (n > 0) { now_us_ = now_us(); on_bytes(r, i, raw, (size_t)n); }
    else if (n == 0 || errno != EAGAIN) lose_reader(r);
}

/* ---- what is sent ---- */

static void line_watch(Line *l, int i, uint32_t events, int how) {
    struct epoll_event e = { .events = events, .data.u64 = (uint64_t)i };
    if (epoll_ctl(lines_fd, how, l->fd, &e) < 0) die("epoll_ctl");
}
static void line_open(int i) {
    Line *l = &lines[i];
    l->fd = open_socket(100 + i % 20); l->in_len = 0; l->busy = 0;
    line_watch(l, i, EPOLLIN, EPOLL_CTL_ADD);
}
static void line_fail(int i) {
    Line *l = &lines[i];
    if (l->busy) { failed++; answered_count++; free(l->out); l->out = NULL; }
    close(l->fd); line_open(i);
}
static void line_write(int i) {
    Line *l = &lines[i];
    ssize_t n = send(l->fd, l->out + l->out_at, l->out_len - l->out_at, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != ENOTCONN) { line_fail(i); return; }
    if (n > 0) l->out_at += (size_t)n;
    line_watch(l, i, l->out_at < l->out_len ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
}
static void fire_due(int64_t now) {
    for (int i = 0; i < line_count && next_shot < shots.count; i++) {
        Line *l = &lines[i]; if (l->busy) continue;
        int64_t due = rate > 0 ? begun_at + (int64_t)(next_shot * 1e6 / rate) : now;
        if (due > now || due > until) return;
        l->busy = 1; l->due = due; l->number = next_shot; due_of[next_shot] = due;
        l->out_len = shots.len[next_shot]; l->out_at = 0; l->out = malloc(l->out_len + 1);
        memcpy(l->out, shots.at[next_shot], l->out_len);
        char *stamp = votes_mode ? NULL : memmem(l->out, l->out_len, "kbstamp-", 8);
        if (stamp) { char t[64]; snprintf(t, sizeof t, "kbstamp-%06ld-%016ld", (long)next_shot, (long)due); memcpy(stamp, t, 31);
            if (next_shot < MOST_POSTS) stamp_of[next_shot] = due; }
        next_shot++;
        line_write(i);
    }
}
static void on_line(int i, uint32_t what) {
    Line *l = &lines[i];
    if (what & EPOLLOUT) { line_write(i); if (!(what & EPOLLIN)) return; }
    ssize_t n = recv(l->fd, l->in + l->in_len, sizeof l->in - 1 - l->in_len, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { line_fail(i); return; }
    l->in_len += (size_t)n; l->in[l->in_len] = 0;
    char *e = memmem(l->in, l->in_len, "\r\n\r\n", 4); if (!e) return;
    int status = atoi(l->in + 9); *e = 0;
    char *c = strcasestr(l->in, "content-length:"); size_t body = c ? strtoul(c + 15, NULL, 10) : 0;
    int chunked = !c && strcasestr(l->in, "transfer-encoding: chunked"); *e = '\r';
    size_t have = l->in_len - (e + 4 - l->in);
    if (chunked ? (have < 5 || memcmp(l->in + l->in_len - 5, "0\r\n\r\n", 5)) : have < body) return;
    if (!l->busy) { line_fail(i); return; }
    if (status > 0 && status < 600) statuses[status]++;
    answered_count++;
    if (status >= 200 && status < 300) acked++;
    else if (!refusal[0]) snprintf(refusal, sizeof refusal, "%.190s", e + 4);
    count32(reply_hist, now_us() - l->due);
    l->busy = 0; l->in_len = 0; free(l->out); l->out = NULL;
    for (char *p = refusal; *p; p++) if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = ' ';
}

/* ---- the loop ---- */

static void turn_lines(void) {
    struct epoll_event events[MOST_LINES];
    int n = epoll_wait(lines_fd, events, MOST_LINES, 0);
    for (int i = 0; i < n; i++) on_line((int)events[i].data.u64, events[i].events);
}
static void turn(int64_t wait_us) {
    struct epoll_event events[64];
    struct timespec wait = { wait_us / 1000000, wait_us % 1000000 * 1000 };
    int n = epoll_pwait2(loop_fd, events, 64, &wait, NULL);
    if (n < 0) { if (errno == EINTR) return; die("epoll_pwait2"); }
    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 >> 32) turn_lines();
        else on_reader((int)events[i].data.u64, events[i].events);
    }
}
static void say_refusal(void) { for (char *p = refusal; *p; p++) if (*p == '"' || *p == '\\' || (unsigned char)*p < 32) *p = ' '; }

static void join(const char *path, int n, int at_once, int from) {
    if (heads.all) unload(&heads);
    heads = load(path); sources = from; parallel = at_once; wanted = n; refusal[0] = 0;
    if (n > reader_room) { readers = realloc(readers, sizeof(Reader) * n); memset(readers + reader_room, 0, sizeof(Reader) * (n - reader_room)); reader_room = n; }
    int before = joined; int64_t begun = now_us(), stop = begun + 120000000; refused = 0;
    int goal = n - next_reader;
    while (joined - before < goal && refused < 200 && now_us() < stop) {
        while (next_reader < n && pending < at_once) start_reader(next_reader++);
        turn(100000);
    }
    double took = (now_us() - begun) / 1e6; say_refusal();
    printf("{\"joined\": %d, \"asked\": %d, \"seconds\": %.3f, \"per_second\": %.1f, \"refused\": %d, \"refusal\": \"%s\"}\n",
           joined - before, goal, took, (joined - before) / took, refused, refusal);
}
static void read_for(double seconds) {
    int64_t stop = now_us() + (int64_t)(seconds * 1e6); while (now_us() < stop) turn(20000);
    printf("{\"open\": %d, \"lost\": %d}\n", joined - lost, lost);
}
static int alive(void) { int n = 0; for (int i = 0; i < next_reader; i++) n += readers[i].state == OPEN; return n; }

static void fire(const char *path, double per_second, int connections, double seconds, double drain, const char *kind, const char *what, int64_t base) {
    shots = load(path); rate = per_second; votes_mode = !strcmp(kind, "votes");
    snprintf(mark, sizeof mark, "%s", what ? what : ""); mark_len = strlen(mark);
    base_total = base; shared_total = base; delivered = doubled = frames = 0; next_shot = acked = failed = answered_count = 0; refusal[0] = 0;
    memset(reply_hist, 0, sizeof reply_hist); memset(screen_hist, 0, sizeof screen_hist); memset(got, 0, sizeof got);
    memset(last_at, 0, sizeof last_at); memset(stamp_of, 0, sizeof stamp_of); memset(statuses, 0, sizeof statuses);
    due_of = calloc(shots.count + 1, sizeof *due_of);
    for (int i = 0; i < next_reader; i++) { memset(readers[i].seen, 0, sizeof readers[i].seen); readers[i].total = base; }
    line_count = connections < MOST_LINES ? connections : MOST_LINES;
    for (int i = 0; i < line_count; i++) line_open(i);
    int watching = alive();
    firing = 1; begun_at = now_us() + 100000; until = begun_at + (int64_t)(seconds * 1e6);
    int64_t last_answer = 0, stop = until + (int64_t)(drain * 1e6);
    while (1) {
        turn_lines();
        int64_t now = now_us();
        fire_due(now);
        int over = next_shot >= shots.count || now > until;
        if (over && answered_count >= next_shot) {
            if (!last_answer) last_answer = now;
            uint64_t expected = (uint64_t)acked * watching;
            if (delivered >= expected || (votes_mode && !mark_len)) break;
        }
        if (now > stop) break;
        int64_t wait = 20000;
        if (rate > 0 && next_shot < shots.count && !over) {
            wait = begun_at + (int64_t)(next_shot * 1e6 / rate) - now;
            wait = wait < 0 ? 200 : wait > 20000 ? 20000 : wait;
        }
        turn(wait);
    }
    int64_t end = now_us(); if (!last_answer) last_answer = end;
    firing = 0;
    int64_t *slow = calloc(MOST_POSTS, sizeof *slow); int n = 0, short_of = 0;
    if (!votes_mode) for (int64_t i = 0; i < next_shot && i < MOST_POSTS; i++) { if ((int)got[i] < watching) short_of++; if (last_at[i]) slow[n++] = last_at[i] - stamp_of[i]; }
    qsort(slow, n, sizeof *slow, by_size);
    say_refusal();
    double took = (last_answer - begun_at) / 1e6;
    printf("{\"sent\": %ld, \"acknowledged\": %ld, \"failed\": %ld, \"seconds\": %.3f, \"per_second\": %.1f, \"watching\": %d, \"still_watching\": %d, \"statuses\": {",
           (long)next_shot, (long)acked, (long)failed, took, acked / took, watching, alive());
    for (int s = 0, first = 1; s < 600; s++) if (statuses[s]) { printf("%s\"%d\": %d", first ? "" : ", ", s, statuses[s]); first = 0; }
    printf("}, \"refusal\": \"%s\", \"reply_p50_ms\": %.2f, \"reply_p99_ms\": %.2f, \"reply_most_ms\": %.2f, ", refusal, share32(reply_hist, .5), share32(reply_hist, .99), share32(reply_hist, 1));
    printf("\"expected\": %lu, \"delivered\": %lu, \"doubled\": %lu, \"frames\": %lu, \"total\": %ld, \"whole_ms\": %.1f, ",
           (unsigned long)acked * watching, (unsigned long)delivered, (unsigned long)doubled, (unsigned long)frames, (long)shared_total, (end - begun_at) / 1000.0);
    printf("\"screen_p50_ms\": %.2f, \"screen_p99_ms\": %.2f, \"screen_most_ms\": %.2f, \"short\": %d, ", share64(screen_hist, .5), share64(screen_hist, .99), share64(screen_hist, 1), short_of);
    printf("\"last_p50_ms\": %.2f, \"last_p99_ms\": %.2f, \"last_ms\": [", n ? slow[n / 2] / 1000.0 : -1.0, n ? slow[n * 99 / 100] / 1000.0 : -1.0);
    for (int i = 0; i < n; i++) printf("%s%.1f", i ? ", " : "", slow[i] / 1000.0);
    printf("]}\n");
    free(slow); free(due_of); due_of = NULL; unload(&shots);
    for (int i = 0; i < line_count; i++) { free(lines[i].out); lines[i].out = NULL; lines[i].busy = 0; close(lines[i].fd); }
    line_count = 0;
}
static void cut(int times, int at_once, double seconds) {
    int64_t begun = now_us(), every = (int64_t)(seconds * 1e6) / (times ? times : 1); int done = 0; unsigned seed = 1310;
    uint64_t resets = 0; for (int i = 0; i < next_reader; i++) resets += readers[i].resets + readers[i].snapshots;
    while (now_us() < begun + (int64_t)(seconds * 1e6) + 20000000 && (done < times || pending)) {
        while (done < times && pending < at_once && now_us() > begun + done * every) {
            int i = rand_r(&seed) % next_reader; Reader *r = &readers[i];
            if (r->state != OPEN) { done++; continue; }
            reset_close(r->fd); joined--; r->cut = 1; start_reader(i); done++;
        }
        turn(1000);
    }
    uint64_t after = 0; for (int i = 0; i < next_reader; i++) after += readers[i].resets + readers[i].snapshots;
    printf("{\"cuts\": %d, \"open\": %d, \"asked\": %d, \"snapshots\": %lu, \"refused\": %d}\n", done, alive(), next_reader, (unsigned long)(after - resets), refused);
}
static void state(void) {
    uint64_t hash = 0, last = 0, changes = 0, others = 0, behind = 0, fewer = 0, gaps = 0, repeats = 0, snapshots = 0, resets = 0, comments = 0, totals = 0; int n = 0;
    for (int i = 0; i < next_reader; i++) { Reader *r = &readers[i]; if (r->state != OPEN) continue;
        if (r->last > last) last = r->last;
        if (!n++) { hash = r->hash; changes = r->changes; } }
    for (int i = 0; i < next_reader; i++) { Reader *r = &readers[i]; if (r->state != OPEN) continue;
        others += r->hash != hash; behind += r->last != last; fewer += r->changes != changes; gaps += r->gaps; repeats += r->repeats;
        snapshots += r->snapshots; resets += r->resets; comments += r->comments; totals += r->total != shared_total; }
    printf("{\"open\": %d, \"last\": %lu, \"last_id\": \"%s\", \"changes\": %lu, \"behind\": %lu, \"other_bytes\": %lu, \"other_count\": %lu, \"gaps\": %lu, \"repeats\": %lu, \"snapshots\": %lu, \"resets\": %lu, \"comments\": %lu, \"other_total\": %lu}\n",
           n, (unsigned long)last, next_reader ? readers[0].id : "", (unsigned long)changes, (unsigned long)behind, (unsigned long)others, (unsigned long)fewer, (unsigned long)gaps, (unsigned long)repeats,
           (unsigned long)snapshots, (unsigned long)resets, (unsigned long)comments, (unsigned long)totals);
}
static void mark_now(void) {
    for (int i = 0; i < next_reader; i++) { Reader *r = &readers[i]; r->hash = r->changes = r->snapshots = r->resets = r->comments = r->gaps = r->repeats = 0; }
    printf("{\"open\": %d}\n", alive());
}
static void leave(void) {
    for (int i = 0; i < next_reader; i++) { if (readers[i].state != GONE) reset_close(readers[i].fd); free(readers[i].rest); }
    if (readers) memset(readers, 0, sizeof(Reader) * reader_room);
    joined = lost = pending = next_reader = refused = 0;
    printf("{}\n");
}

int main(int argc, char **argv) {
    if (argc != 2) { fprintf(stderr, "room load PORT\n"); return 2; }
    server.sin_family = AF_INET; server.sin_port = htons((uint16_t)atoi(argv[1])); server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    loop_fd = epoll_create1(0); lines_fd = epoll_create1(0);
    struct epoll_event within = { .events = EPOLLIN, .data.u64 = 1ull << 32 };
    epoll_ctl(loop_fd, EPOLL_CTL_ADD, lines_fd, &within);
    char text[1024], a[512], b[64], c[64]; int n, m, k; double x, y, z; long base;
    while (fgets(text, sizeof text, stdin)) {
        if (sscanf(text, "join %511s %d %d %d", a, &n, &m, &k) == 4) join(a, n, m, k);
        else if ((c[0] = 0, base = 0, sscanf(text, "fire %511s %lf %d %lf %lf %63s %63s %ld", a, &x, &n, &y, &z, b, c, &base)) >= 6) fire(a, x, n, y, z, b, c, base);
        else if (sscanf(text, "cut %d %d %lf", &n, &m, &x) == 3) cut(n, m, x);
        else if (sscanf(text, "read %lf", &x) == 1) read_for(x);
        else if (sscanf(text, "dump %511s", a) == 1) { dump_file = fopen(a, "wb"); setvbuf(dump_file, NULL, _IOLBF, 0); printf("{}\n"); }
        else if (!strncmp(text, "mark", 4)) mark_now();
        else if (!strncmp(text, "state", 5)) state();
        else if (!strncmp(text, "leave", 5)) leave();
        else printf("{\"error\": \"unknown\"}\n");
        if (dump_file) fflush(dump_file);
        fflush(stdout);
    }
    return 0;
}
