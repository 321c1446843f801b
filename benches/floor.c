// The floor of serving: what no HTTP server goes below, and the client that both are asked by.
//
//   floor serve PORT RESPONSE...         answers GET /N with the bytes of the Nth file: epoll, one thread, nothing parsed
//   floor ask PORT CONNECTIONS ROUNDS REQUEST...   sends the bytes of each file in turn, reads answers by Content-Length
//
// A response file holds the whole answer, head and body; a request file the whole request.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct bytes { char *data; size_t length; };

static struct bytes read_file(const char *path) {
    struct stat info;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &info) < 0) { perror(path); exit(1); }
    struct bytes bytes = { malloc(info.st_size + 1), info.st_size };
    for (size_t done = 0; done < bytes.length;) {
        ssize_t got = read(file, bytes.data + done, bytes.length - done);
        if (got <= 0) { perror(path); exit(1); }
        done += got;
    }
    close(file);
    bytes.data[bytes.length] = 0;
    return bytes;
}

static void send_all(int socket, const char *data, size_t length) {
    while (length) {
        ssize_t sent = send(socket, data, length, MSG_NOSIGNAL);
        if (sent <= 0) return;
        data += sent, length -= sent;
    }
}

static struct sockaddr_in local(int port) {
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int serve(int port, int count, char **paths) {
    struct bytes *answers = malloc(count * sizeof *answers);
    for (int i = 0; i < count; i++) answers[i] = read_file(paths[i]);
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = local(port);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) { perror("listen"); return 1; }
    int poller = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[64];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(poller, events, 64, -1);
        for (int i = 0; i < ready; i++) {
            int socket = events[i].data.fd;
            if (socket == listener) {
                event.data.fd = accept(listener, NULL, NULL);
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                epoll_ctl(poller, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            char request[4096];
            ssize_t length = recv(socket, request, sizeof request - 1, 0);
            if (length <= 0) { close(socket); continue; }
            request[length] = 0;
            int wanted = atoi(request + strlen("GET /"));
            if (wanted >= 0 && wanted < count) send_all(socket, answers[wanted].data, answers[wanted].length);
        }
    }
}

static char answer[1 << 16];

static size_t read_answer(int socket) {
    size_t filled = 0;
    for (;;) {
        ssize_t got = recv(socket, answer + filled, sizeof answer - 1 - filled, 0);
        if (got <= 0) { fprintf(stderr, "the server broke off\n"); exit(1); }
        filled += got;
        answer[filled] = 0;
        char *end = strstr(answer, "\r\n\r\n");
        if (!end) continue;
        char *header = strcasestr(answer, "content-length:");
        if (!header || strncmp(answer, "HTTP/1.1 200", 12)) { fprintf(stderr, "%.300s\n", answer); exit(1); }
        size_t body = strtoul(header + 15, NULL, 10), have = filled - (end + 4 - answer);
        while (have < body) {
            got = recv(socket, answer, sizeof answer, 0);
            if (got <= 0) { fprintf(stderr, "the server broke off\n"); exit(1); }
            have += got;
        }
        return body;
    }
}

static int ask(int port, int connections, int rounds, int count, char **paths) {
    struct bytes *requests = malloc(count * sizeof *requests);
    for (int i = 0; i < count; i++) requests[i] = read_file(paths[i]);
    int *sockets = malloc(connections * sizeof *sockets), on = 1;
    struct sockaddr_in address = local(port);
    for (int i = 0; i < connections; i++) {
        sockets[i] = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(sockets[i], (struct sockaddr *)&address, sizeof address)) { perror("connect"); return 1; }
    }
    size_t bytes = 0;
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < connections; c++) send_all(sockets[c], requests[i].data, requests[i].length);
            for (int c = 0; c < connections; c++) bytes += read_answer(sockets[c]);
        }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu_s = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    printf("%zu %.6f\n", bytes, cpu_s);
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 3 && !strcmp(argv[1], "serve")) return serve(atoi(argv[2]), argc - 3, argv + 3);
    if (argc > 5 && !strcmp(argv[1], "ask")) return ask(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), argc - 5, argv + 5);
    fprintf(stderr, "floor serve PORT RESPONSE... | floor ask PORT CONNECTIONS ROUNDS REQUEST...\n");
    return 2;
}
