/*
 * A closed loop of datagrams: from each of so many sockets, COUNT are in flight, and when all have been
 * answered, or after 50 ms without an answer, as many are sent again. For each line "PORT SOCKETS COUNT MILLIS
 * BYTES" on its input it runs so long and answers "ANSWERED LOST".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SOCKETS_MAX = 256, COUNT_MAX = 1024, PAYLOAD_BYTES_MAX = 2048, CALL_MAX = 64, TIMEOUT_MICROS = 50000 };

static char payloads[COUNT_MAX][PAYLOAD_BYTES_MAX];
static struct iovec vectors[COUNT_MAX];
static struct mmsghdr messages[COUNT_MAX];

static void die(const char *call) {
    perror(call);
    exit(1);
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static int at_most(int value, int limit) { return value < limit ? value : limit; }

static int connect_to(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval timeout = {.tv_usec = TIMEOUT_MICROS};
    int client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (client < 0) die("socket");
    if (connect(client, (struct sockaddr *) &address, sizeof address) != 0) die("connect");
    if (setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0) die("setsockopt");
    return client;
}

static void ask(int client, int count, int bytes) {
    int sent = 0;
    for (int i = 0; i < count; i++) vectors[i].iov_len = bytes;
    while (sent < count) {
        int more = sendmmsg(client, messages + sent, at_most(count - sent, CALL_MAX), 0);
        if (more < 0) die("sendmmsg");
        sent += more;
    }
}

static int hear(int client, int count) {
    int received = 0;
    for (int i = 0; i < count; i++) vectors[i].iov_len = PAYLOAD_BYTES_MAX;
    while (received < count) {
        int more = recvmmsg(client, messages, at_most(count - received, CALL_MAX), MSG_WAITFORONE, NULL);
        if (more < 0) break;
        received += more;
    }
    return received;
}

static void run(int port, int sockets, int count, int millis, int bytes) {
    long answered = 0, lost = 0;
    int clients[SOCKETS_MAX];
    double end = seconds() + millis / 1e3;
    for (int i = 0; i < sockets; i++) clients[i] = connect_to(port);
    do {
        int received = 0;
        for (int i = 0; i < sockets; i++) ask(clients[i], count, bytes);
        for (int i = 0; i < sockets; i++) received += hear(clients[i], count);
        answered += received;
        lost += sockets * count - received;
    } while (seconds() < end);
    for (int i = 0; i < sockets; i++) close(clients[i]);
    printf("%ld %ld\n", answered, lost);
    fflush(stdout);
}

int main(void) {
    int port, sockets, count, millis, bytes;
    for (int i = 0; i < COUNT_MAX; i++) {
        vectors[i].iov_base = payloads[i];
        messages[i].msg_hdr.msg_iov = &vectors[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    while (scanf("%d %d %d %d %d", &port, &sockets, &count, &millis, &bytes) == 5) {
        sockets = at_most(sockets, SOCKETS_MAX);
        run(port, sockets, at_most(count, COUNT_MAX), millis, at_most(bytes, PAYLOAD_BYTES_MAX));
    }
    return 0;
}
