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
