/* Fan-out on loopback: the load generator, and the floor that it is measured against.
 *
 *   fan floor PORT                    a server that does nothing but send: one frame, built once, one send per socket.
 *                                     Each line on stdin, "NS SIZE", is a publish.
 *   fan load PORT COUNT SOURCES PATH  opens COUNT WebSockets from SOURCES addresses (127.0.0.2 and on) and says
 *            [FIELDS [sio]]           "open SECONDS"; for each publish that has reached all of them "all NS";
 *                                     at the end of stdin one line of figures. FIELDS are further header lines, each
 *                                     with its line end; sio speaks socket.io.
 *
 * A publish carries the moment it was made, CLOCK_MONOTONIC in nanoseconds, as @@NS@@ in its text. One thread, epoll,
 * no dependencies. Build: cc -O2 -o fan fan.c
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, IN_HANDSHAKE = 256, PUBLISHES = 4096, READ = 1 << 17 };

static int poll_fd;
static char input[READ];

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void say(const char *format, ...) {
  va_list words;
  va_start(words, format);
  vprintf(format, words);
  va_end(words);
  fflush(stdout);
}

static void watch(int fd, uint32_t events, uint64_t data, int operation) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  if (epoll_ctl(poll_fd, operation, fd, &event)) fail("epoll_ctl");
}

static struct sockaddr_in loopback(uint32_t last, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(0x7f000000 + last);
  return address;
}

static const uint64_t STDIN = UINT64_MAX, LISTENER = UINT64_MAX - 1;

/* ---- the floor ---- */

static int *phones;
static int phone_count;

static void floor_publish(const char *line) {
  long long stamp;
  int size;
  if (sscanf(line, "%lld %d", &stamp, &size) != 2 || size > 60000) fail("publish");
  static char frame[65536];
  int head = size < 126 ? 2 : 4;
  frame[0] = (char)0x81;
  frame[1] = (char)(size < 126 ? size : 126);
  frame[2] = (char)(size >> 8), frame[3] = (char)size;
  memset(frame + head, 'x', size);
  int written = snprintf(frame + head, size, "@@%lld@@", stamp);
  frame[head + written] = 'x';
  for (int i = 0; i < phone_count; i++)
    if (send(phones[i], frame, head + size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) fail("floor send");
}

static void floor_answer(int fd) {
  static const char hello[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
  ssize_t got = recv(fd, input, READ, 0);
  if (got <= 0) {
    close(fd);
    return;
  }
  if (memmem(input, got, "\r\n\r\n", 4) && write(fd, hello, sizeof hello - 1) > 0) phones[phone_count++] = fd;
}

static int run_floor(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  struct sockaddr_in address = loopback(1, port);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) fail("listen");
  phones = calloc(65536, sizeof *phones);
  watch(listener, EPOLLIN, LISTENER, EPOLL_CTL_ADD);
  watch(0, EPOLLIN, STDIN, EPOLL_CTL_ADD);
  say("ready\n");
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poll_fd, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == LISTENER) {
        int fd = accept4(listener, 0, 0, 0);
        if (fd >= 0) watch(fd, EPOLLIN, fd, EPOLL_CTL_ADD);
      } else if (events[i].data.u64 == STDIN) {
        ssize_t got = read(0, input, READ - 1);
        if (got <= 0) return 0;
        input[got] = 0;
        floor_publish(input);
      } else {
        floor_answer((int)events[i].data.u64);
      }
    }
  }
}

/* ---- the load ---- */

typedef struct {
  int fd, kept;
  char is_open, is_counted, *rest; /* counted when it listens; the rest of a frame that has not arrived whole */
} Phone;

typedef struct {
  int64_t stamp, last;
  int count;
} Publish;

static Phone *load;
static int wanted, opened, shaking, lost, is_sio, is_paused;
static const char *fields = "";
static Publish publishes[PUBLISHES];
static int publish_count;
static float *delays; /* milliseconds, of all deliveries */
static long delay_count, delay_room;

static void load_start(int number, int port, int sources) {
  Phone *phone = &load[number];
  struct sockaddr_in from = loopback(2 + number % sources, 0), to = loopback(1, port);
  int one = 1;
  phone->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (phone->fd < 0) fail("socket");
  setsockopt(phone->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(phone->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(phone->fd, (void *)&from, sizeof from)) fail("bind");
  if (connect(phone->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
  shaking++;
  watch(phone->fd, EPOLLOUT, number, EPOLL_CTL_ADD);
}

static void load_hello(int number, int port, const char *path) {
  char hello[4096];
  int size = snprintf(hello, sizeof hello,
                      "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                      path, port, fields);
  if (write(load[number].fd, hello, size) != size) fail("hello");
  watch(load[number].fd, EPOLLIN, number, EPOLL_CTL_MOD);
}

static void load_delivered(const char *text, long size) {
  const char *mark = memmem(text, size, "@@", 2);
  if (!mark) return;
  int64_t stamp = strtoll(mark + 2, 0, 10), at = now_ns();
  int i = publish_count - 1;
  while (i >= 0 && publishes[i].stamp != stamp) i--;
  if (i < 0) {
    if (publish_count == PUBLISHES) fail("too many publishes");
    i = publish_count++;
    publishes[i] = (Publish){.stamp = stamp};
  }
  if (delay_count == delay_room) {
    delay_room = delay_room ? delay_room * 2 : 1 << 16;
    delays = realloc(delays, delay_room * sizeof *delays);
  }
  if (!is_paused) delays[delay_count++] = (float)((at - stamp) / 1e6);
  publishes[i].last = at;
  if (++publishes[i].count == wanted) say("all %lld\n", (long long)stamp);
}

static void load_listens(Phone *phone) {
  if (!phone->is_counted) phone->is_counted = 1, opened++, shaking--;
}

static void load_answer(Phone *phone, const char *frame, long size) {
  if (send(phone->fd, frame, size, MSG_NOSIGNAL) < 0) lost++;
}

/* A text of socket.io: 0 open, 2 ping, 40 connected; all else is an event. */
static void load_packet(Phone *phone, const char *text, long size) {
  if (size >= 1 && text[0] == '0') load_answer(phone, "\x81\x82\0\0\0\0" "40", 8);
  else if (size >= 1 && text[0] == '2') load_answer(phone, "\x81\x81\0\0\0\0" "3", 7);
  else if (size >= 2 && text[0] == '4' && text[1] == '0') load_listens(phone);
  else load_delivered(text, size);
}

/* Takes whole frames; gives the bytes that are left over. */
static long load_frames(Phone *phone, char *data, long size) {
  long at = 0;
  while (size - at >= 2) {
    unsigned char *head = (unsigned char *)data + at;
    long start = 2, length = head[1] & 0x7f;
    if (length == 126) {
      if (size - at < 4) break;
      length = head[2] << 8 | head[3], start = 4;
    } else if (length == 127) {
      fail("a frame of more than 64 KiB");
    }
    if (size - at < start + length) break;
    if ((head[0] & 0x0f) == 1 && is_sio) load_packet(phone, data + at + start, length);
    else if ((head[0] & 0x0f) == 1) load_delivered(data + at + start, length);
    if ((head[0] & 0x0f) == 9) load_answer(phone, "\x8a\x80\0\0\0\0", 6);
    at += start + length;
  }
  return size - at;
}

static void load_read(int number) {
  Phone *phone = &load[number];
  long before = phone->kept;
  if (before) memcpy(input, phone->rest, before);
  ssize_t got = recv(phone->fd, input + before, READ - before, 0);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return;
    if (!phone->is_open) fprintf(stderr, "%d of %d open, then one refused: %s\n", opened, wanted, got ? strerror(errno) : "closed"), exit(1);
    lost++;
    close(phone->fd);
    return;
  }
  char *data = input;
  long size = before + got;
  if (!phone->is_open) {
    char *end = memmem(data, size, "\r\n\r\n", 4);
    if (!end) fail("handshake in pieces");
    if (strncmp(data, "HTTP/1.1 101", 12)) fprintf(stderr, "refused: %.60s\n", data), exit(1);
    size -= end + 4 - data, data = end + 4;
    phone->is_open = 1;
    if (!is_sio) load_listens(phone);
  }
  long left = load_frames(phone, data, size);
  phone->rest = left || phone->rest ? realloc(phone->rest, left + 1) : 0;
  if (left) memcpy(phone->rest, data + size - left, left);
  phone->kept = (int)left;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

static void load_report(void) {
  qsort(delays, delay_count, sizeof *delays, by_size);
  if (is_paused) publish_count = is_paused;
  float *lasts = calloc(publish_count + 1, sizeof *lasts);
  int complete = 0;
  for (int i = 0; i < publish_count; i++) {
    lasts[i] = (float)((publishes[i].last - publishes[i].stamp) / 1e6);
    complete += publishes[i].count == wanted;
  }
  qsort(lasts, publish_count, sizeof *lasts, by_size);
  say("report {\"publishes\": %d, \"complete\": %d, \"deliveries\": %ld, \"lost\": %d, \"p50\": %.2f, \"p95\": %.2f, "
      "\"p99\": %.2f, \"last\": %.2f}\n",
      publish_count, complete, delay_count, lost, delay_count ? delays[delay_count / 2] : -1,
      delay_count ? delays[delay_count * 95 / 100] : -1, delay_count ? delays[delay_count * 99 / 100] : -1, publish_count ? lasts[publish_count / 2] : -1);
}

static int run_load(int port, int count, int sources, const char *path) {
  wanted = count;
  load = calloc(count, sizeof *load);
  int started = 0;
  int64_t began = now_ns();
  struct epoll_event events[EVENTS];
  watch(0, EPOLLIN, STDIN, EPOLL_CTL_ADD);
  for (;;) {
    while (started < count && shaking < IN_HANDSHAKE) load_start(started++, port, sources);
    int ready = epoll_wait(poll_fd, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.u64 == STDIN) {
        ssize_t got = read(0, input, READ);
        if (got <= 0) {
          load_report();
          return 0;
        }
        if (input[0] == 'z') delay_count = 0, publish_count = 0, say("zeroed\n"); /* the warm-up does not count */
        if (input[0] == 'p') is_paused = publish_count, say("paused\n"); /* nor what comes after this */
      } else if (events[i].events & EPOLLOUT) {
        load_hello((int)events[i].data.u64, port, path);
      } else {
        int before = opened;
        load_read((int)events[i].data.u64);
        if (opened == count && before < count) say("open %.3f\n", (now_ns() - began) / 1e9);
      }
    }
  }
}

int main(int words, char **word) {
  poll_fd = epoll_create1(0);
  if (words == 3 && !strcmp(word[1], "floor")) return run_floor(atoi(word[2]));
  if (words >= 7) fields = word[6];
  is_sio = words == 8 && !strcmp(word[7], "sio");
  if (words >= 6 && !strcmp(word[1], "load")) return run_load(atoi(word[2]), atoi(word[3]), atoi(word[4]), word[5]);
  fprintf(stderr, "usage: fan floor PORT | fan load PORT COUNT SOURCES PATH [FIELDS [sio]]\n");
  return 2;
}
