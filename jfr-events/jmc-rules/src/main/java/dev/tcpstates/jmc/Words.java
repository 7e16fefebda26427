// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import org.openjdk.jmc.common.IDisplayable;
import org.openjdk.jmc.common.unit.UnitLookup;

/** Numbers and times in sentences. */
final class Words {
  private Words() {}

  /** {@code 1 socket}, {@code 2 sockets}. */
  static String count(long count, String singular) {
    return count(count, singular, singular + "s");
  }

  static String count(long count, String singular, String plural) {
    return count + " " + (count == 1 ? singular : plural);
  }

  /** How often something happened, and how long it took. */
  static String times(Tally.Entry entry) {
    return count(entry.count(), "time")
        + (entry.count() == 1 ? ", it took " : ", the longest took ")
        + time(entry.longest());
  }

  static String time(long nanos) {
    return UnitLookup.NANOSECOND.quantity(nanos).displayUsing(IDisplayable.AUTO);
  }
}
