package io.byssus.net.posix;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.ChildJvm;
import io.byssus.testing.CompiledC;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kernel that refuses io_uring, as it does under Docker: a seccomp filter, and a real refusal.
 */
@Timeout(60)
class UringRefusedTest {
    /** Runs its arguments as a command, for which io_uring_setup fails as under Docker. */
    private static final String REFUSE =
            """
            #define _GNU_SOURCE
            #include <errno.h>
            #include <stddef.h>
            #include <stdio.h>
            #include <unistd.h>
            #include <sys/prctl.h>
            #include <sys/syscall.h>
            #include <linux/filter.h>
            #include <linux/seccomp.h>
            int main(int argc, char **argv) {
                struct sock_filter code[] = {
                    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
                };
                struct sock_fprog program = { sizeof code / sizeof *code, code };
                if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
                        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
                    perror("seccomp");
                    return 99;
                }
                execvp(argv[1], argv + 1);
                perror(argv[1]);
                return 98;
            }
            """;

    private static final List<String> OPTIONS =
            List.of("--add-opens=java.base/java.lang=ALL-UNNAMED", "-Dbackend=io_uring");

    @Test
    void aRefusalIsToldInOneLineAndEpollServes(@TempDir Path folder) throws Exception {
        Path refuse = CompiledC.build(folder, REFUSE);
        List<String> output = serveOnce("set -- " + refuse + " \"$@\";");
        assertThat(output.stream().filter(line -> line.contains("io_uring")))
                .as("of %s", output)
                .singleElement()
                .asString()
                .contains(
                        "--reactor-backend io_uring is not to be had here, so it is epoll:"
                                + " io_uring_setup: Operation not permitted");
    }

    @Test
    void nothingIsToldWhereItIsAllowed() throws Exception {
        assertThat(serveOnce("")).noneMatch(line -> line.contains("io_uring"));
    }

    /** All that a server says until it has answered a client and is stopped. */
    private static List<String> serveOnce(String prefix) throws Exception {
        try (ChildJvm server = ChildJvm.start(prefix, OPTIONS, EchoUnderLimits.class)) {
            int port = Integer.parseInt(server.awaitLine("port "));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.setSoTimeout(10_000);
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().read()).isEqualTo('x');
            }
            server.signal("TERM");
            return server.await().lines();
        }
    }
}
