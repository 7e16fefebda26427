// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.management.MBeanRegistrationException;
import org.junit.jupiter.api.Test;

class MetricsOutletsTest {
  /** The reader's thread asks; it goes on reading. */
  @Test
  void aServerThatRefusesIsAskedOnce() throws InterruptedException {
    AtomicInteger asked = new AtomicInteger();
    MetricsOutlets outlets =
        new MetricsOutlets(
            List::of,
            metrics -> {
              asked.incrementAndGet();
              throw new MBeanRegistrationException(new SecurityException("no"));
            });
    outlets.open(null);
    outlets.check();
    outlets.check();
    assertEquals(1, asked.get());
    outlets.close();
    outlets.open(null);
    outlets.check();
    assertEquals(2, asked.get(), "attached again");
    outlets.close();
  }
}
