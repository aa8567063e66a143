import type { FocusEvent, PointerEvent } from "react";
import { useEffect, useEffectEvent, useRef, useState } from "react";

/**
 * Hold a list as it is while somebody uses it: the mouse is over it, or it has the keyboard.
 *
 * Parameters: the list as it is now, and what changes with everything that is done in it.
 */
export function useHolding<T>(fresh: readonly T[], done: unknown) {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  const place = useRef<HTMLUListElement>(null);
  const isOver = useRef(false);
  const hold = () => setHeld((before) => before ?? fresh);
  const release = () => setHeld(null);
  const releaseUnused = () => {
    const hasFocus = place.current?.contains(document.activeElement) === true;
    if (!isOver.current && !hasFocus) release();
  };
  // The mouse may leave from a button that is disabled or gone by then, which React does not tell.
  const isHeld = held !== null;
  const onMove = useEffectEvent((event: globalThis.PointerEvent) => {
    if (!isOver.current || place.current?.contains(event.target as Node) === true) return;
    isOver.current = false;
    releaseUnused();
  });
  useEffect(() => {
    if (!isHeld) return;
    const listen = (event: globalThis.PointerEvent) => onMove(event);
    document.addEventListener("pointermove", listen);
    return () => document.removeEventListener("pointermove", listen);
  }, [isHeld]);
  // What had the keyboard may be gone with what was done, and nothing else tells of that.
  const onDone = useEffectEvent(releaseUnused);
  useEffect(() => onDone(), [done]);
  const holding = {
    onPointerEnter: (event: PointerEvent) => {
      if (event.pointerType !== "mouse") return;
      isOver.current = true;
      hold();
    },
    onPointerLeave: () => {
      isOver.current = false;
      releaseUnused();
    },
    onFocus: hold,
    onBlur: (event: FocusEvent) => {
      // A click beside it has to reach what it was meant for before anything moves.
      if (!event.currentTarget.contains(event.relatedTarget)) setTimeout(releaseUnused);
    },
  };
  return { held, release, place, holding };
}
