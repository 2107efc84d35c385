package io.byssus.net;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.Message;

/** A name server on the loopback that says what a test wants; on threads of its own. */
final class StubDnsServer implements AutoCloseable {
    private static final int PORTS_TRIED = 20;

    /** A query that has come in. */
    record Asked(Message query, byte[] wire, boolean overTcp, int sourcePort) {
        String name() {
            return query.getQuestion().getName().toString(true);
        }

        int type() {
            return query.getQuestion().getType();
        }
    }

    /** What is sent back, in this order; nothing for silence. */
    interface Script {
        List<byte[]> answers(Asked asked);
    }

    private final InetSocketAddress address;
    private final DatagramSocket datagrams;
    private final ServerSocket connections;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile Script script;

    private StubDnsServer(DatagramSocket datagrams, ServerSocket connections, Script script) {
        this.address = (InetSocketAddress) datagrams.getLocalSocketAddress();
        this.datagrams = datagrams;
        this.connections = connections;
        this.script = script;
        start("stub-dns-udp", this::serveDatagrams);
        start("stub-dns-tcp", this::serveConnections);
    }

    static StubDnsServer start(Script script) throws IOException {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        for (int i = 0; ; i++) {
            DatagramSocket datagrams = new DatagramSocket(new InetSocketAddress(loopback, 0));
            try {
                return new StubDnsServer(
                        datagrams,
                        new ServerSocket(datagrams.getLocalPort(), 50, loopback),
                        script);
            } catch (BindException e) {
                datagrams.close(); // somebody else's over TCP
                if (i == PORTS_TRIED) {
                    throw e;
                }
            }
        }
    }

    private static void start(String name, Runnable loop) {
        Thread thread = new Thread(loop, name);
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return address;
    }

    void script(Script script) {
        this.script = script;
    }

    /** All queries so far. */
    List<Asked> asked() {
        return List.copyOf(asked);
    }

    private void serveDatagrams() {
        byte[] room = new byte[4096];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(room, room.length);
                datagrams.receive(packet);
                byte[] wire = Arrays.copyOf(room, packet.getLength());
                for (byte[] answer : answers(wire, false, packet.getPort())) {
                    datagrams.send(
                            new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void serveConnections() {
        try {
            while (true) {
                try (Socket socket = connections.accept()) {
                    serve(socket);
                }
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void serve(Socket socket) {
        try {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            byte[] wire = in.readNBytes(in.readUnsignedShort());
            for (byte[] answer : answers(wire, true, socket.getPort())) {
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (IOException e) {
            return; // the client has gone
        }
    }

    private List<byte[]> answers(byte[] wire, boolean overTcp, int sourcePort) {
        try {
            Asked one = new Asked(new Message(wire), wire, overTcp, sourcePort);
            Script now = script; // who sees that it was asked may have another one for the next
            asked.add(one);
            return now.answers(one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        datagrams.close();
        connections.close();
    }
}
