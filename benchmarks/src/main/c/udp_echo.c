/*
 * The yardstick for datagrams: one thread, one socket, recvmmsg and sendmmsg of up to 32 in turn. It blocks
 * until there is one and then takes what there is. Usage: udp_echo --port PORT (0 for a free one).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 32, PAYLOAD_BYTES = 2048 };

static char payloads[BATCH][PAYLOAD_BYTES];
static struct sockaddr_in sources[BATCH];
static struct iovec vectors[BATCH];
static struct mmsghdr messages[BATCH];

static void die(const char *call) {
    perror(call);
    exit(1);
}

int main(int count, char **arguments) {
    int port = count == 3 ? atoi(arguments[2]) : 0;
    int server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t length = sizeof address;
    if (server < 0) die("socket");
    if (bind(server, (struct sockaddr *) &address, length) != 0) die("bind");
    if (getsockname(server, (struct sockaddr *) &address, &length) != 0) die("getsockname");
    printf("listening on 0.0.0.0:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int received, sent = 0;
        for (int i = 0; i < BATCH; i++) {
            vectors[i] = (struct iovec) {.iov_base = payloads[i], .iov_len = PAYLOAD_BYTES};
            memset(&messages[i], 0, sizeof messages[i]);
            messages[i].msg_hdr.msg_iov = &vectors[i];
            messages[i].msg_hdr.msg_iovlen = 1;
            messages[i].msg_hdr.msg_name = &sources[i];
            messages[i].msg_hdr.msg_namelen = sizeof sources[i];
        }
        received = recvmmsg(server, messages, BATCH, MSG_WAITFORONE, NULL);
        if (received < 0) die("recvmmsg");
        for (int i = 0; i < received; i++) vectors[i].iov_len = messages[i].msg_len;
        while (sent < received) {
            int more = sendmmsg(server, messages + sent, received - sent, 0);
            if (more < 0) die("sendmmsg");
            sent += more;
        }
    }
}
