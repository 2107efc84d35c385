package io.byssus.runtime.shard;

import io.byssus.runtime.fiber.Blocking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What {@link HelperThreadsTest} starts in a JVM of its own: fibers of a bound shard cause every
 * kind of helper thread to be started; then each thread's processors are printed.
 */
final class PinnedProgram {
    private PinnedProgram() {}

    public static void main(String[] args) throws Exception {
        RuntimeOptions options = new RuntimeOptions().smp(1).affinity(RuntimeOptions.Affinity.ON);
        try (Shards shards = Shards.start(options)) {
            shards.submitTo(0, PinnedProgram::startHelpers);
            try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
                for (Path task : tasks.toList()) {
                    print(task);
                }
            }
        }
    }

    private static Object startHelpers() throws Exception {
        useSockets();
        Blocking.call(() -> 1);
        new CompletableFuture<Integer>()
                .completeOnTimeout(1, 1, TimeUnit.MILLISECONDS) // starts a timer thread
                .get();
        // Every worker of the common pool, and all at once.
        int workers = ForkJoinPool.commonPool().getParallelism();
        CountDownLatch all = new CountDownLatch(workers);
        List<CompletableFuture<Void>> jobs = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            jobs.add(
                    CompletableFuture.runAsync(() -> {
                        all.countDown();
                        try {
                            all.await();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    }));
        }
        for (CompletableFuture<Void> job : jobs) {
            job.get();
        }
        return null;
    }

    private static void useSockets() throws IOException, InterruptedException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, loopback)) {
            Thread peer =
                    Thread.startVirtualThread(() -> {
                        try (Socket socket = new Socket(loopback, server.getLocalPort())) {
                            socket.getInputStream().transferTo(socket.getOutputStream());
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                    });
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(1);
                socket.getInputStream().read();
            }
            peer.join();
        }
    }

    private static void print(Path task) throws IOException {
        String name = Files.readString(task.resolve("comm")).strip();
        for (String line : Files.readAllLines(task.resolve("status"))) {
            if (line.startsWith("Cpus_allowed_list:")) {
                System.out.println(line.split("\\s+")[1] + " " + name);
            }
        }
    }
}
