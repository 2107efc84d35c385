/*
 * The yardstick: a bare echo server on epoll, one thread, level-triggered. What it costs per
 * message is the kernel's own price for one recv, one send and a share of one epoll_wait; no
 * server on sockets can be much cheaper.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS_MAX = 1024, BUFFER_BYTES = 64 * 1024, BACKLOG = 1024 };

static char buffer[BUFFER_BYTES];

static void die(const char *call) {
    perror(call);
    exit(1);
}

static void watch(int epoll, int socket) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) != 0) die("epoll_ctl");
}

static void accept_one(int epoll, int listener) {
    int on = 1;
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0) die("accept4");
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(epoll, connection);
}

/* The socket blocks on send: the load never has more than one message in flight per connection. */
static void echo(int connection) {
    ssize_t received = recv(connection, buffer, sizeof buffer, MSG_DONTWAIT);
    for (ssize_t sent = 0; sent < received;) {
        ssize_t count = send(connection, buffer + sent, received - sent, MSG_NOSIGNAL);
        if (count < 0) break;
        sent += count;
    }
    if (received == 0 || (received < 0 && errno != EAGAIN)) close(connection);
}

int main(int argc, char **argv) {
    int port = argc == 3 && strcmp(argv[1], "--port") == 0 ? atoi(argv[2]) : 0;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    struct epoll_event events[EVENTS_MAX];
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (listener < 0 || epoll < 0) die("socket");
    if (bind(listener, (struct sockaddr *)&address, length) != 0) die("bind");
    if (listen(listener, BACKLOG) != 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    printf("listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    watch(epoll, listener);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == listener) {
                accept_one(epoll, listener);
            } else {
                echo(events[i].data.fd);
            }
        }
    }
}
