package io.byssus.runtime.os;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.CompiledC;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our classes of io_uring's structs against the C compiler's. */
class IoUringLayoutTest {
    private static final String PROGRAM =
            """
            #include <stdio.h>
            #include <stddef.h>
            #include <string.h>
            #include <linux/io_uring.h>
            #define SIZE(t) printf("sizeof(" #t ")=%zu\\n", sizeof(struct t))
            static void bytes(const char *name, const void *p, size_t n) {
                printf("%s=", name);
                for (size_t i = 0; i < n; i++) printf("%02x", ((const unsigned char *) p)[i]);
                printf("\\n");
            }
            int main(void) {
                SIZE(io_uring_params); SIZE(io_uring_sqe); SIZE(io_uring_cqe);
                SIZE(io_uring_getevents_arg); SIZE(io_uring_buf); SIZE(io_uring_buf_reg);
                struct io_uring_params p; memset(&p, 0, sizeof p);
                p.flags = 0x11; p.cq_entries = 0x22;
                bytes("asked", &p, sizeof p);
                p.sq_entries = 1; p.cq_entries = 2; p.features = 3;
                p.sq_off.head = 4; p.sq_off.tail = 5; p.sq_off.flags = 6; p.sq_off.array = 7;
                p.cq_off.head = 8; p.cq_off.tail = 9; p.cq_off.cqes = 10;
                bytes("answered", &p, sizeof p);
                struct io_uring_sqe s; memset(&s, 0, sizeof s);
                s.opcode = 1; s.flags = 0x82; s.ioprio = 0x8003; s.fd = -4;
                s.addr = 0x1122334455667788; s.len = 0xfffffff5; s.msg_flags = 0xfffffff6;
                s.user_data = 0xfffffffffffffff7;
                bytes("sqe", &s, sizeof s);
                struct io_uring_cqe c; memset(&c, 0, sizeof c);
                c.user_data = 0x8877665544332211; c.res = -5; c.flags = 0x70003;
                bytes("cqe", &c, sizeof c);
                struct io_uring_getevents_arg w; memset(&w, 0, sizeof w);
                w.ts = 0x1122334455667788;
                bytes("wait", &w, sizeof w);
                struct io_uring_buf_reg r; memset(&r, 0, sizeof r);
                r.ring_addr = 0x1122334455667788; r.ring_entries = 16; r.pad = 2;
                bytes("registration", &r, sizeof r);
                union { struct io_uring_buf_ring ring; struct io_uring_buf bufs[2]; } u;
                memset(&u, 0, sizeof u);
                u.bufs[1].addr = 0x1122334455667788; u.bufs[1].len = 99; u.bufs[1].bid = 0x8001;
                u.ring.tail = 0xfffe;
                bytes("buffers", &u, sizeof u);
                return 0;
            }
            """;

    private static final long ADDRESS = 0x1122334455667788L;

    private static Map<String, String> compiler;

    private final Arena arena = Arena.ofAuto();

    @BeforeAll
    static void askTheCompiler(@TempDir Path folder) throws Exception {
        compiler = CompiledC.run(folder, PROGRAM);
    }

    private long memory(int bytes) {
        return arena.allocate(bytes, Long.BYTES).fill((byte) 0x5a).address();
    }

    private static String hex(long address, int bytes) {
        byte[] copy = new byte[bytes];
        RawMemory.copyOut(address, copy, 0, bytes);
        return HexFormat.of().formatHex(copy);
    }

    private static void put(long address, String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        RawMemory.copyIn(bytes, 0, address, bytes.length);
    }

    private static int size(String struct) {
        return Integer.parseInt(compiler.get("sizeof(" + struct + ")"));
    }

    @Test
    void parameters() {
        assertThat(IoUringParameters.BYTES).isEqualTo(size("io_uring_params"));
        long parameters = memory(IoUringParameters.BYTES);
        IoUringParameters.begin(parameters, 0x11, 0x22);
        assertThat(hex(parameters, IoUringParameters.BYTES)).isEqualTo(compiler.get("asked"));

        put(parameters, compiler.get("answered"));
        assertThat(IoUringParameters.submissionCount(parameters)).isEqualTo(1);
        assertThat(IoUringParameters.completionCount(parameters)).isEqualTo(2);
        assertThat(IoUringParameters.features(parameters)).isEqualTo(3);
        assertThat(IoUringParameters.submissionHead(parameters)).isEqualTo(4);
        assertThat(IoUringParameters.submissionTail(parameters)).isEqualTo(5);
        assertThat(IoUringParameters.submissionFlags(parameters)).isEqualTo(6);
        assertThat(IoUringParameters.submissionArray(parameters)).isEqualTo(7);
        assertThat(IoUringParameters.completionHead(parameters)).isEqualTo(8);
        assertThat(IoUringParameters.completionTail(parameters)).isEqualTo(9);
        assertThat(IoUringParameters.completionEntries(parameters)).isEqualTo(10);
    }

    @Test
    void submissionEntry() {
        assertThat(SubmissionEntry.BYTES).isEqualTo(size("io_uring_sqe"));
        long entry = memory(SubmissionEntry.BYTES);
        SubmissionEntry.put(entry, 1, 0x82, 0x8003, -4, ADDRESS, -11, -10, -9);
        assertThat(hex(entry, SubmissionEntry.BYTES)).isEqualTo(compiler.get("sqe"));
    }

    @Test
    void completionEntry() {
        assertThat(CompletionEntry.BYTES).isEqualTo(size("io_uring_cqe"));
        long entry = memory(CompletionEntry.BYTES);
        put(entry, compiler.get("cqe"));
        assertThat(CompletionEntry.userData(entry)).isEqualTo(0x8877665544332211L);
        assertThat(CompletionEntry.result(entry)).isEqualTo(-5);
        assertThat(CompletionEntry.flags(entry)).isEqualTo(0x70003);
    }

    @Test
    void timeToWait() {
        assertThat(IoUringWait.BYTES).isEqualTo(size("io_uring_getevents_arg"));
        long wait = memory(IoUringWait.ALL_BYTES);
        IoUringWait.put(wait, 3_000_000_007L);
        assertThat(RawMemory.getLong(wait + 16)).isEqualTo(wait + IoUringWait.BYTES);
        assertThat(RawMemory.getLong(wait + IoUringWait.BYTES)).isEqualTo(3);
        assertThat(RawMemory.getLong(wait + IoUringWait.BYTES + 8)).isEqualTo(7);
        RawMemory.putLong(wait + 16, ADDRESS);
        assertThat(hex(wait, IoUringWait.BYTES)).isEqualTo(compiler.get("wait"));
    }

    @Test
    void providedBuffers() {
        assertThat(ProvidedBuffers.ENTRY_BYTES).isEqualTo(size("io_uring_buf"));
        assertThat(ProvidedBuffers.REGISTRATION_BYTES).isEqualTo(size("io_uring_buf_reg"));
        long registration = memory(ProvidedBuffers.REGISTRATION_BYTES);
        ProvidedBuffers.register(registration, ADDRESS, 16, 2);
        assertThat(hex(registration, ProvidedBuffers.REGISTRATION_BYTES))
                .isEqualTo(compiler.get("registration"));

        long ring = memory(2 * ProvidedBuffers.ENTRY_BYTES);
        RawMemory.fill(ring, 2 * ProvidedBuffers.ENTRY_BYTES, (byte) 0);
        ProvidedBuffers.put(ring, 1, ADDRESS, 99, 0x8001);
        ProvidedBuffers.tailRelease(ring, 0xfffe);
        assertThat(hex(ring, 2 * ProvidedBuffers.ENTRY_BYTES)).isEqualTo(compiler.get("buffers"));
    }
}
