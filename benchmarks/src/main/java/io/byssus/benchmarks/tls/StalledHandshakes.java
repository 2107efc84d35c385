package io.byssus.benchmarks.tls;

import io.byssus.benchmarks.Arguments;
import io.byssus.benchmarks.RunningServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * One connection's round trips over TLS, with and without handshakes that begin and go no further:
 * all of them come while the connection talks, and stay. The two take turns.
 */
final class StalledHandshakes {
    private static final int ROUND_TRIPS = 20_000;
    private static final int MESSAGE_BYTES = 64;
    private static final int ROUNDS = 5;
    private static final double MICROS = 1e3;

    /** A record that says to have more than comes. */
    private static final byte[] BEGUN = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3};

    private StalledHandshakes() {}

    static void measure(Path folder, Arguments given) throws IOException, InterruptedException {
        Path certificate = folder.resolve(DemoCertificate.CERTIFICATE);
        List<String> command = TlsPeer.java();
        command.addAll(List.of("-jar", System.getProperty("byssus.examples"), "echo"));
        command.addAll(List.of("--port", "0", "--smp", "1", "--host", "127.0.0.1"));
        command.addAll(List.of("--tls-cert", certificate.toString()));
        command.addAll(List.of("--tls-key", folder.resolve(DemoCertificate.KEY).toString()));
        int count = given.number("stalled", 500);
        try (RunningServer server = RunningServer.start(command);
                Socket talking = connect(server.port(), certificate)) {
            roundTrips(talking, 2 * ROUND_TRIPS);
            System.out.println("| stalled | median us | p99 us |\n| --: | --: | --: |");
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < given.number("rounds", ROUNDS); round++) {
                double[] alone = roundTrips(talking, ROUND_TRIPS);
                double[] beside = beside(count, server.port(), talking);
                print(0, alone);
                print(count, beside);
                ratios.add(p99(beside) / p99(alone));
            }
            ratios.sort(null);
            System.out.printf(
                    Locale.ROOT,
                    "p99 beside %d stalled handshakes: %.3f of what it is without%n",
                    count,
                    ratios.get(ratios.size() / 2));
        }
    }

    private static double[] beside(int count, int port, Socket talking)
            throws IOException, InterruptedException {
        List<Socket> stalled = new ArrayList<>();
        Thread stalling =
                Thread.ofPlatform()
                        .name("stalling")
                        .start(() -> {
                            try {
                                for (int i = 0; i < count; i++) {
                                    Socket socket =
                                            new Socket(InetAddress.getLoopbackAddress(), port);
                                    stalled.add(socket);
                                    socket.getOutputStream().write(BEGUN);
                                }
                            } catch (IOException e) {
                                System.err.println("after " + stalled.size() + ": " + e);
                            }
                        });
        double[] nanos = roundTrips(talking, ROUND_TRIPS);
        stalling.join();
        for (Socket socket : stalled) {
            socket.close();
        }
        return nanos;
    }

    /** Nanoseconds of each, sorted. */
    private static double[] roundTrips(Socket socket, int count) throws IOException {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        byte[] message = new byte[MESSAGE_BYTES];
        double[] nanos = new double[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            out.write(message);
            out.flush();
            if (in.readNBytes(MESSAGE_BYTES).length < MESSAGE_BYTES) {
                throw new IOException("the server ended the connection");
            }
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        return nanos;
    }

    private static double p99(double[] sorted) {
        return sorted[sorted.length * 99 / 100];
    }

    private static void print(int count, double[] sorted) {
        System.out.printf(
                Locale.ROOT,
                "| %d | %.1f | %.1f |%n",
                count,
                sorted[sorted.length / 2] / MICROS,
                p99(sorted) / MICROS);
    }

    private static Socket connect(int port, Path certificate) throws IOException {
        try (InputStream in = Files.newInputStream(certificate)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry(
                    "root", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            Socket socket = context.getSocketFactory().createSocket("127.0.0.1", port);
            socket.setTcpNoDelay(true);
            return socket;
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
