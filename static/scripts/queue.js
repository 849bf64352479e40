// The queue: how many duties are selected, and all of a page at once. Without this file each is selected by hand and
// the next page says how many there are.
export function selectDuties () {
  const form = document.getElementById('give')
  if (!form) return
  const said = document.getElementById('give-n')
  const all = document.getElementById('give-all')
  const boxes = [...form.elements].filter((each) => each.name === 'duty')
  if (!boxes.length) return

  const count = () => {
    const number = boxes.filter((each) => each.checked).length
    said.textContent = number ? `${number} selected` : 'Select them in the list below.'
    all.textContent = number === boxes.length ? 'Select none' : 'Select all on this page'
  }

  all.addEventListener('click', () => {
    const some = boxes.some((each) => !each.checked)
    for (const each of boxes) each.checked = some
    count()
  })
  document.addEventListener('change', (event) => {
    if (boxes.includes(event.target)) count()
  })
  all.hidden = false
  count() // a browser that goes back may have kept what was selected
}

// "Why?" opens its row without leaving, so that nothing selected or typed is sent about. Without this file, and where
// the row cannot be had, the page is sent with all of it and comes back with the row open.
export function openReasons () {
  const closed = new WeakMap() // by the button that closes a row, the one that opens it

  const open = async (button) => {
    const answer = await fetch(button.dataset.opened, { redirect: 'manual' })
    if (!answer.ok) throw new Error('not to be had')
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
    const row = page.getElementById(`why-${button.dataset.duty}`)
    const close = page.querySelector(`button[data-duty="${button.dataset.duty}"]`)
    if (!row || !close) throw new Error('not on the page')
    if (!button.isConnected) return // opened by a second press meanwhile
    const line = button.closest('tr')
    line.after(row)
    line.classList.add('cait-why__open')
    button.replaceWith(close)
    closed.set(close, button)
    close.focus()
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('button[data-duty]')
    if (!button) return
    if (closed.has(button)) {
      event.preventDefault()
      document.getElementById(`why-${button.dataset.duty}`).remove()
      button.closest('tr').classList.remove('cait-why__open')
      const opens = closed.get(button)
      button.replaceWith(opens)
      opens.focus()
    } else if (button.getAttribute('aria-expanded') === 'false') {
      event.preventDefault()
      open(button).catch(() => button.form.requestSubmit(button))
    }
  })
}
