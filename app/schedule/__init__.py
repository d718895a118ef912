"""The live schedule: slots, stars, versions, now-and-next.

A slot is planned or cancelled. Edits write the slot, a SlotChange (the log that undo reads) and, in live mode, the next
ScheduleVersion in the same transaction. The public reads the newest version only, so a draft cannot leak.
Live topics: `event:<slug>:public` (slots, now banner, as-of line) and `event:<slug>:staff` (dashboard figures, log).
"""
