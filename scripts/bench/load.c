/*
 * Closed-loop LDAP load generator: sends pre-encoded requests over a number of connections, a number of them under way
 * on each, and measures every answer. One thread with epoll, so that it costs a fraction of what it measures.
 *
 *   load PORT REQUESTS [-c connections] [-d depth] [-t seconds] [-n count] [-s seed] [-o] [-f first]
 *
 * REQUESTS and `first` hold LDAPMessages one after another, each with a message id of four octets, which is replaced.
 * Requests are drawn uniformly at random, or in order and once each with -o. `first` (a bind) goes out once on every
 * connection before the clock starts. Only 127.0.0.1 is ever spoken to. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 1024, DEPTH_MAX = 256, HISTOGRAM_US = 4000000, READ_MAX = 1 << 18 };

struct request {
  size_t offset, length, id_offset;
};

struct connection {
  int fd;
  int in_flight;
  uint32_t sequence;
  uint64_t started_ns[DEPTH_MAX];
  uint8_t free_slots[DEPTH_MAX];
  int free_count;
  uint8_t *in, *out;
  size_t in_length, in_capacity, out_length, out_sent, out_capacity;
};

static uint8_t *octets;
static struct request *requests;
static size_t request_count;
static struct connection connections[CONNECTIONS_MAX];
static uint32_t histogram[HISTOGRAM_US];
static uint64_t completed, failed, entries, sent, limit, random_state = 88172645463325252ULL;
static uint64_t latency_max_ns;
static int in_order, last_failure;

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000ULL + (uint64_t)time.tv_nsec;
}

static uint64_t next_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state;
}

/* Header of the element at p: sets the size of tag and length octets and the content length; 0 when incomplete. */
static int read_header(const uint8_t *p, size_t available, size_t *header, size_t *length) {
  size_t count, value = 0;
  if (available < 2) return 0;
  if (p[1] < 0x80) {
    *header = 2;
    *length = p[1];
    return 1;
  }
  count = p[1] & 0x7f;
  if (count > 4) {
    errno = EPROTO;
    die("length of an answer");
  }
  if (available < 2 + count) return 0;
  for (size_t i = 0; i < count; i++) value = value << 8 | p[2 + i];
  *header = 2 + count;
  *length = value;
  return 1;
}

static uint8_t *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  uint8_t *content;
  if (!file) die(path);
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  content = malloc(*length + 1);
  if (!content || fread(content, 1, *length, file) != *length) die(path);
  fclose(file);
  return content;
}

static size_t split(const uint8_t *content, size_t total, struct request **list) {
  size_t count = 0, capacity = 1024, header, length;
  *list = malloc(capacity * sizeof **list);
  for (size_t offset = 0; offset < total;) {
    if (!read_header(content + offset, total - offset, &header, &length) || content[offset + header] != 2 ||
        content[offset + header + 1] != 4) {
      fprintf(stderr, "load: request %zu has no message id of four octets\n", count);
      exit(1);
    }
    if (count == capacity) *list = realloc(*list, (capacity *= 2) * sizeof **list);
    (*list)[count++] = (struct request){offset, header + length, header + 2};
    offset += header + length;
  }
  return count;
}

static void queue_octets(struct connection *c, const uint8_t *data, size_t length) {
  if (c->out_length + length > c->out_capacity) {
    c->out_capacity = (c->out_length + length) * 2;
    c->out = realloc(c->out, c->out_capacity);
  }
  memcpy(c->out + c->out_length, data, length);
  c->out_length += length;
}

static void queue_request(struct connection *c, uint64_t now) {
  const struct request *r = &requests[in_order ? sent : next_random() % request_count];
  uint8_t slot = c->free_slots[--c->free_count];
  uint32_t id = ((++c->sequence & 0x7fffff) << 8 | slot) & 0x7fffffff;
  size_t at = c->out_length;
  queue_octets(c, octets + r->offset, r->length);
  c->out[at + r->id_offset] = id >> 24;
  c->out[at + r->id_offset + 1] = id >> 16;
  c->out[at + r->id_offset + 2] = id >> 8;
  c->out[at + r->id_offset + 3] = id;
  c->started_ns[slot] = now;
  c->in_flight++;
  sent++;
}

static void flush_out(struct connection *c) {
  while (c->out_sent < c->out_length) {
    ssize_t n = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EAGAIN) return;
      die("send");
    }
    c->out_sent += (size_t)n;
  }
  c->out_length = c->out_sent = 0;
}

static void complete(struct connection *c, uint32_t id, const uint8_t *operation, uint64_t now) {
  uint8_t slot = id & 0xff;
  uint64_t took = now - c->started_ns[slot];
  uint64_t us = took / 1000;
  size_t header, length;
  read_header(operation, 6, &header, &length);
  /* LDAPResult begins with its code: ENUMERATED of one octet. compareTrue and compareFalse are answers too. */
  int code = operation[header + 2];
  if (code != 0 && code != 5 && code != 6) {
    failed++;
    last_failure = code;
  }
  histogram[us < HISTOGRAM_US ? us : HISTOGRAM_US - 1]++;
  if (took > latency_max_ns) latency_max_ns = took;
  c->free_slots[c->free_count++] = slot;
  c->in_flight--;
  completed++;
}

/* Takes one LDAPMessage from the input; returns its size or 0 when it is not all there. */
static size_t take_message(struct connection *c, const uint8_t *p, size_t available, uint64_t now) {
  size_t header, length, id_length;
  uint32_t id = 0;
  const uint8_t *operation;
  if (!read_header(p, available, &header, &length) || available < header + length) return 0;
  id_length = p[header + 1];
  for (size_t i = 0; i < id_length; i++) id = id << 8 | p[header + 2 + i];
  operation = p + header + 2 + id_length;
  if (operation[0] == 0x64)
    entries++;
  else if (operation[0] != 0x73 && operation[0] != 0x79)
    complete(c, id, operation, now);
  return header + length;
}

static int receive(struct connection *c) {
  for (;;) {
    if (c->in_capacity - c->in_length < READ_MAX) {
      c->in_capacity = c->in_length + 2 * READ_MAX;
      c->in = realloc(c->in, c->in_capacity);
    }
    size_t room = c->in_capacity - c->in_length;
    ssize_t n = recv(c->fd, c->in + c->in_length, room, 0);
    if (n == 0) return 0;
    if (n < 0) {
      if (errno == EAGAIN) return 1;
      die("recv");
    }
    c->in_length += (size_t)n;
    uint64_t now = now_ns();
    size_t offset = 0, size;
    while ((size = take_message(c, c->in + offset, c->in_length - offset, now)) > 0) offset += size;
    memmove(c->in, c->in + offset, c->in_length - offset);
    c->in_length -= offset;
    if ((size_t)n < room) return 1;
  }
}

static void open_connection(struct connection *c, int port, int depth) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int yes = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  for (int slot = 0; slot < depth; slot++) c->free_slots[c->free_count++] = (uint8_t)slot;
}

/* The answer to the first request on a connection, blocking. */
static void introduce(struct connection *c, const uint8_t *first, size_t length) {
  uint8_t answer[4096];
  size_t got = 0, header, size;
  if (send(c->fd, first, length, MSG_NOSIGNAL) != (ssize_t)length) die("send the first request");
  do {
    ssize_t n = recv(c->fd, answer + got, sizeof answer - got, 0);
    if (n <= 0) die("answer to the first request");
    got += (size_t)n;
  } while (!read_header(answer, got, &header, &size) || got < header + size);
}

static uint64_t percentile_us(double fraction) {
  uint64_t wanted = (uint64_t)(fraction * (double)completed), seen = 0;
  for (uint64_t us = 0; us < HISTOGRAM_US; us++) {
    seen += histogram[us];
    if (seen > wanted) return us;
  }
  return HISTOGRAM_US;
}

int main(int argc, char **argv) {
  int count = 1, depth = 1, option;
  double seconds = 1;
  const char *first_path = NULL;
  size_t total, first_length = 0;
  uint8_t *first = NULL;
  struct epoll_event events[CONNECTIONS_MAX];

  while ((option = getopt(argc, argv, "c:d:t:n:s:of:")) != -1) switch (option) {
      case 'c': count = atoi(optarg); break;
      case 'd': depth = atoi(optarg); break;
      case 't': seconds = atof(optarg); break;
      case 'n': limit = strtoull(optarg, NULL, 10); break;
      case 's': random_state ^= strtoull(optarg, NULL, 10) * 0x9e3779b97f4a7c15ULL; break;
      case 'o': in_order = 1; break;
      case 'f': first_path = optarg; break;
      default: return 2;
    }
  if (argc - optind != 2 || count < 1 || count > CONNECTIONS_MAX || depth < 1 || depth > DEPTH_MAX || seconds > 600) {
    fprintf(stderr, "usage: load PORT REQUESTS [-c connections] [-d depth] [-t seconds] [-n count] [-s seed] [-o] [-f first]\n");
    return 2;
  }
  octets = read_file(argv[optind + 1], &total);
  request_count = split(octets, total, &requests);
  if (request_count == 0) return 2;
  if (first_path) first = read_file(first_path, &first_length);
  if (in_order && (limit == 0 || limit > request_count)) limit = request_count;

  int epoll = epoll_create1(0);
  for (int i = 0; i < count; i++) {
    struct connection *c = &connections[i];
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    open_connection(c, atoi(argv[optind]), depth);
    if (first) introduce(c, first, first_length);
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) die("epoll_ctl");
  }

  uint64_t start = now_ns(), deadline = start + (uint64_t)(seconds * 1e9), end = start;
  for (int i = 0; i < count; i++) {
    while (connections[i].in_flight < depth && (limit == 0 || sent < limit)) queue_request(&connections[i], now_ns());
    flush_out(&connections[i]);
  }
  for (;;) {
    int open = 0;
    for (int i = 0; i < count; i++) open += connections[i].in_flight > 0;
    if (open == 0) break;
    /* Answers that have not come thirty seconds after the end do not come any more. */
    if (now_ns() > deadline + 30000000000ULL) {
      fprintf(stderr, "load: answers are missing\n");
      return 1;
    }
    int ready = epoll_wait(epoll, events, CONNECTIONS_MAX, 1000);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (!receive(c)) {
        fprintf(stderr, "load: the server closed a connection\n");
        return 1;
      }
      uint64_t now = now_ns();
      int running = now < deadline && (limit == 0 || sent < limit);
      while (running && c->in_flight < depth && (limit == 0 || sent < limit)) queue_request(c, now);
      flush_out(c);
    }
    end = now_ns();
  }
  double elapsed = (double)(end - start) / 1e9;
  printf("{\"operations\":%llu,\"seconds\":%.6f,\"perSecond\":%.1f,\"entries\":%llu,\"failed\":%llu,\"lastFailure\":%d,"
         "\"p50Us\":%llu,\"p99Us\":%llu,\"maxUs\":%llu}\n",
         (unsigned long long)completed, elapsed, (double)completed / elapsed, (unsigned long long)entries,
         (unsigned long long)failed, last_failure, (unsigned long long)percentile_us(0.5),
         (unsigned long long)percentile_us(0.99), (unsigned long long)(latency_max_ns / 1000));
  return 0;
}
