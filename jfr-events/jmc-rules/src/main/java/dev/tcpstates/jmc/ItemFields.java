// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.jmc;

import dev.tcpstates.jfr.read.EventFields;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmc.common.IMCThread;
import org.openjdk.jmc.common.item.IAccessorKey;
import org.openjdk.jmc.common.item.IItem;
import org.openjdk.jmc.common.item.IMemberAccessor;
import org.openjdk.jmc.common.item.IType;
import org.openjdk.jmc.common.unit.IQuantity;
import org.openjdk.jmc.common.unit.UnitLookup;
import org.openjdk.jmc.flightrecorder.JfrAttributes;

/** The fields of an event that was read by JMC; all events have one type. */
final class ItemFields extends EventFields {
  private final Map<String, IMemberAccessor<?, IItem>> accessors = new HashMap<>();
  private final IMemberAccessor<IQuantity, IItem> start;
  private final IMemberAccessor<IQuantity, IItem> end;
  private IItem item;

  ItemFields(IType<IItem> type) {
    for (IAccessorKey<?> key : type.getAccessorKeys().keySet()) {
      accessors.put(key.getIdentifier(), type.getAccessor(key));
    }
    start = JfrAttributes.START_TIME.getAccessor(type);
    end = JfrAttributes.END_TIME.getAccessor(type);
  }

  ItemFields at(IItem current) {
    item = current;
    return this;
  }

  @Override
  public Instant startTime() {
    return instant(start.getMember(item));
  }

  @Override
  public Instant endTime() {
    return end == null ? startTime() : instant(end.getMember(item));
  }

  @Override
  public Object value(String field) {
    Object member = member(field);
    return member instanceof IQuantity quantity ? Long.valueOf(quantity.longValue()) : member;
  }

  private Object member(String field) {
    IMemberAccessor<?, IItem> accessor = accessors.get(field);
    return accessor == null ? null : accessor.getMember(item);
  }

  /** JMC reads N/A as the smallest number. */
  @Override
  public Duration durationOrNull(String field) {
    if (!(member(field) instanceof IQuantity quantity)
        || quantity.getType() != UnitLookup.TIMESPAN) {
      return null;
    }
    long nanos = quantity.clampedLongValueIn(UnitLookup.NANOSECOND);
    return nanos == Long.MIN_VALUE ? null : Duration.ofNanos(nanos);
  }

  @Override
  public Instant time(String field) {
    return member(field) instanceof IQuantity quantity && quantity.getType() == UnitLookup.TIMESTAMP
        ? instant(quantity)
        : null;
  }

  private static Instant instant(IQuantity time) {
    return Instant.ofEpochSecond(0, time.clampedLongValueIn(UnitLookup.EPOCH_NS));
  }

  @Override
  public String thread() {
    return member(JfrAttributes.EVENT_THREAD.getIdentifier()) instanceof IMCThread thread
        ? thread.getThreadName()
        : null;
  }

  /** The rules print only the application's frames, which are a field. */
  @Override
  public List<String> frames() {
    return List.of();
  }
}
