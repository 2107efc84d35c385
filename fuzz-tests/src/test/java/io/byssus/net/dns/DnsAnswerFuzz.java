package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** Any bytes as the answer to a question: all of a message, or all but its id and question. */
class DnsAnswerFuzz {
    private static final RandomGenerator NONE = () -> 0;
    private static final Question QUESTION = new Question(Name.fromConstantString("a.b."), Type.A);

    /** At the end of a query. */
    private static final int OPT_BYTES = 11;

    static Stream<byte[]> answers() {
        String header = "00008180" + "0001000100000000";
        String question = "0161016200" + "00010001";
        String compressed = "c00c";
        return Stream.of(
                        header + question + compressed + "00010001" + "0000003c" + "0004c0000201",
                        header + question + compressed + "00050001" + "0000003c" + "0002c00c",
                        "00008183"
                                + "0001000000010000"
                                + question
                                + compressed
                                + "00060001"
                                + "0000003c"
                                + "0018"
                                + "0000"
                                + "0000000100000002000000030000000400000005")
                .map(HexFormat.of()::parseHex);
    }

    @MethodSource("answers")
    @FuzzTest
    void anAnswerIsReadOrRefusedInOneWay(byte[] bytes) {
        Query query = Query.of(QUESTION, true, NONE);
        read(query, bytes);
        byte[] asked = query.wire();
        int question = asked.length - OPT_BYTES;
        if (bytes.length >= question) {
            byte[] answer = Arrays.copyOf(bytes, bytes.length);
            System.arraycopy(asked, 12, answer, 12, question - 12);
            answer[0] = asked[0];
            answer[1] = asked[1];
            answer[2] = (byte) ((answer[2] & 0x07) | 0x80);
            answer[4] = 0;
            answer[5] = 1;
            assertThat(query.judge(answer)).isEqualTo(Query.Verdict.ANSWER);
            read(query, answer);
        }
    }

    private static void read(Query query, byte[] bytes) {
        query.judge(bytes);
        try {
            Answer answer = AnswerReader.read(AnswerReader.parse(bytes), QUESTION);
            assertThat(answer.ttlSeconds()).isBetween(0L, (long) Integer.MAX_VALUE);
            assertThat(answer.records().isEmpty()).isEqualTo(answer.kind() != Answer.Kind.FOUND);
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
