package io.byssus.benchmarks.peers;

/**
 * The line by which a peer says that it accepts connections; the runner waits for it and reads the
 * port from it, so that every server can be started on {@code --port 0}.
 */
final class ReadyLine {
    private ReadyLine() {}

    static void print(int port) {
        System.out.println("listening on 127.0.0.1:" + port);
        System.out.flush();
    }
}
