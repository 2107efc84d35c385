package io.byssus.net.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.byssus.testing.Seeds;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Throws dice at the bytes of answers: each is read, refused or ignored. */
class AnswerFuzzTest {
    private static final int ROUNDS = 100_000;

    @Test
    void anyMessageIsReadOrRefused() throws Exception {
        Random random = new Random(Seeds.next("anyMessageIsReadOrRefused"));
        Question question = new Question(Name.fromConstantString("www.example.com."), Type.A);
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Query query = Query.of(question, true, random);
            byte[] bytes = mutate(answer(query), random);
            if (query.judge(bytes) != Query.Verdict.ANSWER) {
                continue;
            }
            assertThat(bytes).startsWith(query.wire()[0], query.wire()[1]);
            try {
                Answer answer = AnswerReader.read(AnswerReader.parse(bytes), question);
                assertThat(answer.ttlSeconds()).isBetween(0L, (long) Integer.MAX_VALUE);
                assertThat(answer.records().isEmpty())
                        .isEqualTo(answer.kind() != Answer.Kind.FOUND);
                assertThat(answer.records()).hasSizeLessThanOrEqualTo(64);
                read++;
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
        assertThat(read).isGreaterThan(ROUNDS / 100);
    }

    private static byte[] answer(Query query) throws IOException {
        Message message = new Message(query.wire());
        message.getHeader().setFlag(Flags.QR);
        Name name = Name.fromConstantString("www.example.com.");
        Name alias = Name.fromConstantString("alias.example.com.");
        add(message, Section.ANSWER, name, Type.CNAME, "alias.example.com.");
        add(message, Section.ANSWER, alias, Type.A, "192.0.2.1");
        add(message, Section.AUTHORITY, name, Type.SOA, "a. b. 1 2 3 4 5");
        add(message, Section.ADDITIONAL, alias, Type.AAAA, "2001:db8::1");
        return message.toWire();
    }

    private static void add(Message message, int section, Name name, int type, String data)
            throws IOException {
        message.addRecord(Record.fromString(name, type, DClass.IN, 60, data, Name.root), section);
    }

    /** Mostly behind the question, which would be looked at first. */
    private static byte[] mutate(byte[] bytes, Random random) {
        byte[] mutant =
                random.nextInt(4) == 0
                        ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 20))
                        : bytes;
        for (int changes = random.nextInt(6); changes > 0 && mutant.length > 0; changes--) {
            int from = random.nextInt(10) == 0 ? 0 : Math.min(33, mutant.length - 1);
            int at = from + random.nextInt(mutant.length - from);
            mutant[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : 0xc0);
        }
        return mutant;
    }
}
