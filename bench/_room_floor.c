/* The floor of `koinon bench room`: the least that a server can do. One epoll loop in C, no rights, no database, no state.
 *
 *   room floor PORT EVENT_BYTES SNAPSHOT_BYTES FRAME_MS
 *
 * GET: an event stream that begins with a snapshot. POST: answered, then sent to every stream at once as one event of
 * EVENT_BYTES that carries the stamp of the body. PUT: a vote; counted, answered, and the total sent in one event each FRAME_MS.
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

#define MOST 20000

typedef struct { char in[4096]; size_t len; int at; } Client; /* `at`: its place among the streams, or -1 */

static Client *clients[MOST];
static int streams[MOST], stream_count, loop_fd;
static long number, votes, told;
static int event_bytes, snapshot_bytes;
static char text[65536], chunk[65600], snapshot[1 << 20];

static int64_t now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000; }

static void drop(int fd) {
    Client *c = clients[fd];
    if (c->at >= 0) { int other = streams[--stream_count]; streams[c->at] = other; clients[other]->at = c->at; }
    free(c); clients[fd] = NULL; close(fd);
}
static void put(int fd, const char *p, size_t n) { if (send(fd, p, n, MSG_NOSIGNAL) != (ssize_t)n) drop(fd); }

static void tell(const char *data, const char *kind) {
    int n = snprintf(text, sizeof text, "id: floor-%ld\nevent: change\ndata: {\"about\":\"%s\",%s,\"pad\":\"", ++number, kind, data);
    while (n < event_bytes - 4) text[n++] = 'x';
    memcpy(text + n, "\"}\n\n", 4); n += 4;
    int m = snprintf(chunk, sizeof chunk, "%x\r\n", n);
    memcpy(chunk + m, text, n); m += n; memcpy(chunk + m, "\r\n", 2); m += 2;
    for (int i = stream_count - 1; i >= 0; i--) put(streams[i], chunk, m);
}
static void answer(int fd) {
    Client *c = clients[fd];
    char *end = memmem(c->in, c->len, "\r\n\r\n", 4); if (!end) return;
    *end = 0; char *l = strcasestr(c->in, "content-length:"); size_t body = l ? strtoul(l + 15, NULL, 10) : 0; *end = '\r';
    size_t whole = end + 4 - c->in + body; if (c->len < whole) return;
    char verb = c->in[0], second = c->in[1];
    if (verb == 'G') {
        c->at = stream_count; streams[stream_count++] = fd; c->len = 0;
        int n = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n", snapshot_bytes);
        char *all = malloc(n + snapshot_bytes + 2);
        memcpy(all, text, n); memcpy(all + n, snapshot, snapshot_bytes); memcpy(all + n + snapshot_bytes, "\r\n", 2);
        put(fd, all, n + snapshot_bytes + 2); free(all); return;
    }
    char data[200] = "\"text\":\"\"";
    char *stamp = memmem(c->in, whole, "kbstamp-", 8);
    if (stamp) snprintf(data, sizeof data, "\"text\":\"%.31s\"", stamp);
    memmove(c->in, c->in + whole, c->len - whole); c->len -= whole;
    static const char created[] = "HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}", done[] = "HTTP/1.1 204 No Content\r\n\r\n";
    if (verb == 'P' && second == 'O') { put(fd, created, sizeof created - 1); tell(data, "question"); }
    else { votes++; put(fd, done, sizeof done - 1); }
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    event_bytes = atoi(argv[2]); snapshot_bytes = atoi(argv[3]); int64_t frame = atoi(argv[4]) * 1000, next = 0;
    if (snapshot_bytes < 80) snapshot_bytes = 80;
    if (event_bytes < 100 || event_bytes > 60000 || snapshot_bytes > (int)sizeof snapshot) return 2;
    int n = sprintf(snapshot, "id: floor-0\nevent: snapshot\ndata: {\"pad\":\"");
    memset(snapshot + n, 'x', snapshot_bytes - n - 4); memcpy(snapshot + snapshot_bytes - 4, "\"}\n\n", 4);
    int one = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(door, (struct sockaddr *)&own, sizeof own) || listen(door, 4096)) { perror("room floor"); return 1; }
    loop_fd = epoll_create1(0);
    struct epoll_event e = { .events = EPOLLIN, .data.fd = door }, events[256];
    epoll_ctl(loop_fd, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int count = epoll_wait(loop_fd, events, 256, votes > told ? 5 : 1000);
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == door) {
                while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (fd >= MOST) { close(fd); continue; }
                    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    clients[fd] = calloc(1, sizeof(Client)); clients[fd]->at = -1;
                    struct epoll_event in = { .events = EPOLLIN, .data.fd = fd };
                    epoll_ctl(loop_fd, EPOLL_CTL_ADD, fd, &in);
                }
                continue;
            }
            Client *c = clients[fd]; if (!c) continue;
            ssize_t got = recv(fd, c->in + c->len, sizeof c->in - c->len, 0);
            if (got <= 0) { if (got == 0 || errno != EAGAIN) drop(fd); continue; }
            c->len += (size_t)got; answer(fd);
        }
        if (votes > told && now_us() >= next) {
            char data[64]; snprintf(data, sizeof data, "\"votes\":%ld", votes);
            told = votes; next = now_us() + frame; tell(data, "votes");
        }
    }
}
